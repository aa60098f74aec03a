// A worker: the page hands over its own module, compiled, and where code is to be read the address of
// the language. The site builder puts in the name of the module's glue, with its hash.
import start from "./MODULE.js";

onmessage = ({ data: { module, language } }) => {
  onmessage = null;
  const begin = async () => {
    if (language) await import(language);
    await start({ module_or_path: module });
  };
  begin().catch((error) => {
    // Outside of the promise, so that the page hears of it.
    setTimeout(() => {
      throw error;
    });
  });
};
