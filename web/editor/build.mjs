// Makes editor.bundle.js and LICENSES.txt from editor.js, editor.css and the packages that
// package-lock.json pins. With --check it writes nothing, and fails if they are not what it makes.

import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";

const HERE = new URL(".", import.meta.url);
const BYTES_MAX = 150_000;

/** The style sheet as a string in the module: a `<style>` in the page would be refused. */
const styleAsText = {
  name: "style-as-text",
  setup(build) {
    build.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const style = await readFile(path, "utf8");
      const { code } = await transform(style, { loader: "css", minify: true });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

/** Name, version and licence of every package that has something in the bundle. */
async function packages(inputs) {
  const folders = new Set();
  for (const input of Object.keys(inputs)) {
    const found = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (found) folders.add(found[1]);
  }
  return Promise.all(
    [...folders].sort().map(async (name) => {
      const folder = new URL(`node_modules/${name}/`, HERE);
      const { version, license } = JSON.parse(await readFile(new URL("package.json", folder), "utf8"));
      const text = (await readFile(new URL("LICENSE", folder), "utf8")).trim();
      if (license !== "MIT") throw new Error(`${name} is under ${license}; what it asks for has to be looked at`);
      return { name, version, text };
    }),
  );
}

/** The comment that travels with the bundle: every copyright line, and the terms they share, once. */
function notice(packages) {
  const holders = new Map();
  const terms = new Set();
  for (const { name, text } of packages) {
    const line = /^Copyright .*$/m.exec(text)[0];
    holders.set(line, [...(holders.get(line) ?? []), name]);
    terms.add(text.slice(text.indexOf("Permission is hereby granted")));
  }
  const told = [...holders].map(([line, names]) => `${line}\n(${names.join(", ")})`);
  const all = [`An editor for code. It contains these packages, all under the MIT licence:`, ...told, ...terms];
  return `/*!\n${all.join("\n\n")}\n*/`;
}

async function make() {
  const options = {
    absWorkingDir: fileURLToPath(HERE),
    entryPoints: ["editor.js"],
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    legalComments: "none",
    charset: "utf8",
    metafile: true,
    write: false,
    plugins: [styleAsText],
  };
  const { outputFiles, metafile } = await build(options);
  const [output] = Object.values(metafile.outputs);
  const used = Object.entries(output.inputs).filter(([, input]) => input.bytesInOutput > 0);
  const found = await packages(Object.fromEntries(used));
  const licences = found.map(({ name, version, text }) => `${name} ${version}\n\n${text}\n`);
  return {
    "editor.bundle.js": `${notice(found)}\n${outputFiles[0].text}`,
    "LICENSES.txt": `editor.bundle.js contains the packages below, each under its licence.\n\n${licences.join(`\n${"-".repeat(80)}\n\n`)}`,
  };
}

const made = await make();
const gzipped = gzipSync(made["editor.bundle.js"]).length;
console.log(`editor.bundle.js: ${made["editor.bundle.js"].length} characters, ${gzipped} bytes gzipped of ${BYTES_MAX} allowed`);
if (gzipped > BYTES_MAX) process.exitCode = 1;
for (const [name, text] of Object.entries(made)) {
  const path = new URL(name, HERE);
  if (!process.argv.includes("--check")) {
    await writeFile(path, text);
  } else if (text !== (await readFile(path, "utf8").catch(() => null))) {
    console.error(`${name} is not what the recipe makes; run node build.mjs`);
    process.exitCode = 1;
  }
}
