// Makes editor.bundle.js and LICENSES.txt from editor.js, editor.css and the packages that
// package-lock.json pins. With --check it writes nothing, and fails if they are not what it makes.

import * as esbuild from "esbuild";
import { make } from "../recipe.mjs";

await make({
  here: new URL(".", import.meta.url),
  name: "editor",
  title: "An editor for code.",
  bytesMax: 150_000,
  esbuild,
});
