// Brings the page to life: fetches the module that this script's tag names and
// lets it take over the islands. Where that fails, now or later, the page stays
// as it was written and one sentence says what does not work and what does.
//
// A classic script and not a module, so that it also runs, and can say so, on a
// page opened from a file.
{
  const root = document.documentElement;
  const { module, wasm, laterExercise } = document.currentScript.dataset;

  // What the server wrote, to go back to if the engine stops half-way.
  let still = [];

  const STAYS = "all words, first pictures and whole traces are here";
  const BROWSERS = "Chrome or Edge 131, Firefox 133, Safari 18.2, or newer";
  const SAY = {
    file: `Opened from a file, the players and questions do not run; ${STAYS}, and the rest runs once the folder is served, for example by python3 -m http.server.`,
    browser: `The players and questions do not run, because this browser has no WebAssembly; ${STAYS}, and the rest runs in ${BROWSERS}.`,
    load: `The players and questions could not be loaded; ${STAYS}, and reloading the page fetches the rest if the connection is back and the browser is ${BROWSERS}.`,
    trap: `The players and questions have stopped because of a mistake in the engine; ${STAYS}, and reloading the page starts them again.`,
    exercises: "The exercises could not be loaded; what they ask is here, the rest of the page goes on, and reloading the page fetches them if the connection is back.",
  };

  const say = (sentence) => {
    const place = document.querySelector(".notices");
    if (!place) return;
    const notice = document.createElement("p");
    notice.className = "notice";
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "Close";
    close.addEventListener("click", () => notice.remove());
    notice.append(sentence, close);
    place.replaceChildren(notice);
  };

  let failed = false;
  const fail = (why, error) => {
    if (failed) return;
    failed = true;
    delete root.dataset.live;
    // Outside of whatever the module was doing when it stopped.
    setTimeout(() => {
      if (why === "trap") for (const [island, copy] of still) island.replaceWith(copy);
      say(SAY[why]);
    });
    if (error) console.error(error);
  };

  const isTrap = (error) => typeof WebAssembly === "object" && error instanceof WebAssembly.RuntimeError;
  addEventListener("error", (event) => isTrap(event.error) && fail("trap"));
  addEventListener("unhandledrejection", (event) => isTrap(event.reason) && fail("trap"));
  // The module tells its own end where it can: a panic is caught before the trap.
  document.addEventListener("engine-trap", () => fail("trap"));

  // The module cannot fetch scripts by itself: the editor comes when somebody writes, and until
  // then, or where it cannot be had, the text area serves.
  document.addEventListener("open-editor", async ({ detail: { parent, opened, ...options } }) => {
    const address = document.querySelector('meta[name="editor"]')?.content;
    if (!address) return;
    try {
      const { open } = await import(new URL(address, document.baseURI));
      opened(open(parent, options));
    } catch (error) {
      console.error(error);
    }
  });

  // Once, when one of these is less than a screen away.
  const whenNear = (elements, act) => {
    const watch = new IntersectionObserver(
      (seen) => {
        if (!seen.some(({ isIntersecting }) => isIntersecting)) return;
        watch.disconnect();
        if (!failed) act();
      },
      { rootMargin: "100% 0%" },
    );
    for (const element of elements) watch.observe(element);
  };

  const start = async () => {
    if (typeof WebAssembly !== "object") return fail("browser");
    still = Array.from(document.querySelectorAll("[data-island]"), (island) => [island, island.cloneNode(true)]);
    try {
      const glue = await import(new URL(module, document.baseURI));
      await glue.default({ module_or_path: new URL(wasm, document.baseURI) });
    } catch (error) {
      if (isTrap(error)) return fail("trap", error);
      return fail(location.protocol === "file:" ? "file" : "load", error);
    }
    if (failed) return;
    root.dataset.live = "true";
    whenNear(document.querySelectorAll('[data-island="exercise"]'), async () => {
      try {
        await import(new URL(laterExercise, document.baseURI));
      } catch (error) {
        if (isTrap(error)) return fail("trap", error);
        say(SAY.exercises);
        console.error(error);
      }
    });
  };

  start();
}
