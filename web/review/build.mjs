// Makes review.bundle.js and LICENSES.txt from review.js, plan.js, review.css and the packages that
// package-lock.json pins. With --check it writes nothing, and fails if they are not what it makes.

import * as esbuild from "esbuild";
import { make } from "../recipe.mjs";

await make({
  here: new URL(".", import.meta.url),
  name: "review",
  title: "The review of questions and terms, with its scheduler.",
  bytesMax: 12_000,
  esbuild,
});
