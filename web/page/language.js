// The language that learners write in, beside the search in its worker, which imports this before
// it reads code; the site builder puts in the module's names, with their hashes.
import start from "./MODULE.js";

await start({ module_or_path: new URL("MODULE.wasm", import.meta.url) });
