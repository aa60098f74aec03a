// A worker. It names the module that does the work, so that a page has to name only this script;
// the site builder puts in the names of each module, with their hashes.
import start from "./MODULE.js";

start({ module_or_path: new URL("MODULE.wasm", import.meta.url) }).catch((error) => {
  // Outside of the promise, so that the page hears of it.
  setTimeout(() => {
    throw error;
  });
});
