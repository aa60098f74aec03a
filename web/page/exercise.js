// The exercises' module. The page's script imports this when an exercise comes near; the site
// builder puts in the module's names, with their hashes.
import start from "./MODULE.js";

await start({ module_or_path: new URL("MODULE.wasm", import.meta.url) });
