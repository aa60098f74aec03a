// How a bundle is made that is kept in the repository: esbuild makes one module of a script, its style sheet
// and the packages that a lock file pins, and the licences of the packages are written beside it. With --check
// nothing is written, and it fails if what is kept is not what the recipe makes.

import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

/** Name, version and licence of every package that has something in the bundle. */
async function packages(inputs, here) {
  const folders = new Set();
  for (const input of Object.keys(inputs)) {
    const found = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (found) folders.add(found[1]);
  }
  return Promise.all(
    [...folders].sort().map(async (name) => {
      const folder = new URL(`node_modules/${name}/`, here);
      const { version, license } = JSON.parse(await readFile(new URL("package.json", folder), "utf8"));
      const file = async (name) => readFile(new URL(name, folder), "utf8").catch(() => null);
      const text = ((await file("LICENSE")) ?? (await file("LICENSE.txt"))).trim();
      if (license !== "MIT") throw new Error(`${name} is under ${license}; what it asks for has to be looked at`);
      return { name, version, text };
    }),
  );
}

/** The comment that travels with the bundle: every copyright line, and the terms they share, once. */
function notice(title, packages) {
  const holders = new Map();
  const terms = new Set();
  for (const { name, text } of packages) {
    const line = /^Copyright .*$/m.exec(text)[0];
    holders.set(line, [...(holders.get(line) ?? []), name]);
    terms.add(text.slice(text.indexOf("Permission is hereby granted")));
  }
  const told = [...holders].map(([line, names]) => `${line}\n(${names.join(", ")})`);
  const all = [`${title} It contains these packages, all under the MIT licence:`, ...told, ...terms];
  return `/*!\n${all.join("\n\n")}\n*/`;
}

async function made({ here, name, title, esbuild }) {
  // A style sheet is a string in the module: a `<style>` in the page would be refused.
  const styleAsText = {
    name: "style-as-text",
    setup(build) {
      build.onLoad({ filter: /\.css$/ }, async ({ path }) => {
        const style = await readFile(path, "utf8");
        const { code } = await esbuild.transform(style, { loader: "css", minify: true });
        return { contents: code.trim(), loader: "text" };
      });
    },
  };
  const { outputFiles, metafile } = await esbuild.build({
    absWorkingDir: fileURLToPath(here),
    entryPoints: [`${name}.js`],
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    legalComments: "none",
    charset: "utf8",
    metafile: true,
    write: false,
    plugins: [styleAsText],
  });
  const [output] = Object.values(metafile.outputs);
  const used = Object.entries(output.inputs).filter(([, input]) => input.bytesInOutput > 0);
  const found = await packages(Object.fromEntries(used), here);
  const licences = found.map(({ name, version, text }) => `${name} ${version}\n\n${text}\n`);
  return {
    [`${name}.bundle.js`]: `${notice(title, found)}\n${outputFiles[0].text}`,
    "LICENSES.txt": `${name}.bundle.js contains the packages below, each under its licence.\n\n${licences.join(`\n${"-".repeat(80)}\n\n`)}`,
  };
}

/**
 * Makes `NAME.bundle.js` and `LICENSES.txt` from `NAME.js`, in the folder `here`.
 * @param {{ here: URL, name: string, title: string, bytesMax: number, esbuild: object }} recipe
 */
export async function make(recipe) {
  const { here, name, bytesMax } = recipe;
  const files = await made(recipe);
  const bundle = files[`${name}.bundle.js`];
  const gzipped = gzipSync(bundle).length;
  console.log(`${name}.bundle.js: ${bundle.length} characters, ${gzipped} bytes gzipped of ${bytesMax} allowed`);
  if (gzipped > bytesMax) process.exitCode = 1;
  for (const [file, text] of Object.entries(files)) {
    const path = new URL(file, here);
    if (!process.argv.includes("--check")) {
      await writeFile(path, text);
    } else if (text !== (await readFile(path, "utf8").catch(() => null))) {
      console.error(`${file} is not what the recipe makes; run node build.mjs`);
      process.exitCode = 1;
    }
  }
}
