// Makes finder.bundle.js and LICENSES.txt from finder.js, finder.css and the packages that
// package-lock.json pins. With --check it writes nothing, and fails if they are not what it makes.

import * as esbuild from "esbuild";
import { make } from "../recipe.mjs";

await make({
  here: new URL(".", import.meta.url),
  name: "finder",
  title: "A search over the pages of this site.",
  bytesMax: 12_000,
  esbuild,
});
