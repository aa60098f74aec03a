// Brings the page to life: fetches the module that this script's tag names, after the text was
// drawn, and has it take over each island when it is near or used. Where that fails, now or later,
// the page stays as it was written and one sentence says what does not work and what does.
//
// A classic script and not a module, so that it also runs, and can say so, on a
// page opened from a file.
{
  const root = document.documentElement;
  const { module, wasm } = document.currentScript.dataset;

  // Until the players live, what is to come in them is not told yet; where they never will, it is.
  root.dataset.coming = "true";

  // What the server wrote, to go back to if the engine stops half-way.
  let still = [];

  const STAYS = "all words, first pictures and whole traces are here";
  const BROWSERS = "Chrome or Edge 131, Firefox 133, Safari 18.2, or newer";
  const SAY = {
    file: `Opened from a file, the players and questions do not run; ${STAYS}, and the rest runs once the folder is served, for example by python3 -m http.server.`,
    browser: `The players and questions do not run, because this browser has no WebAssembly; ${STAYS}, and the rest runs in ${BROWSERS}.`,
    load: `The players and questions could not be loaded; ${STAYS}, and reloading the page fetches the rest if the connection is back and the browser is ${BROWSERS}.`,
    trap: `The players and questions have stopped because of a mistake in the engine; ${STAYS}, and reloading the page starts them again.`,
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
    place.append(notice);
  };

  let failed = false;
  const fail = (why, error) => {
    if (failed) return;
    failed = true;
    delete root.dataset.live;
    delete root.dataset.coming;
    // Outside of whatever the module was doing when it stopped.
    setTimeout(() => {
      for (const island of owed.keys()) passOn(island);
      if (why === "trap") for (const [island, copy] of still) island.replaceWith(copy);
      say(SAY[why]);
      // What is stored may be the reason (`storage.js`).
      if (why === "trap") document.dispatchEvent(new Event("page-stopped"));
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

  // Islands that are not alive, and the presses that each is owed.
  const owed = new Map(Array.from(document.querySelectorAll("[data-island]"), (island) => [island, []]));
  // Those that are to come alive, the first of them next.
  const due = [];
  const woken = new Set();
  let started = false;
  let waking = false;

  const CONTROLS = "a[href], button:not(:disabled), input:not(:disabled), select, textarea, summary, [tabindex]:not([tabindex='-1'])";

  // Tab comes to an island whose controls are all disabled yet, and goes on in it once it is alive.
  const reach = (island) => {
    if (island.querySelector(CONTROLS) || !island.querySelector(":disabled")) return;
    const title = island.querySelector("h2, h3, legend");
    island.tabIndex = 0;
    island.role = "group";
    island.ariaLabel = title ? title.textContent.trim() : "Exercise";
  };
  const passOn = (island) => {
    if (island.tabIndex !== 0) return;
    const here = document.activeElement === island;
    for (const name of ["tabindex", "role", "aria-label"]) island.removeAttribute(name);
    if (here) island.querySelector(CONTROLS)?.focus();
  };

  const settle = (island) => {
    if (failed) return;
    island.dataset.live = "true";
    island.removeAttribute("aria-busy");
    passOn(island);
    const presses = owed.get(island);
    owed.delete(island);
    for (const press of presses) press();
  };

  // An island is alive when a control of it that was disabled works; one that has none, at once.
  const whenAlive = (island) => {
    const dead = () => island.querySelectorAll(":disabled").length;
    const before = dead();
    if (before === 0) return setTimeout(settle, 0, island);
    const watch = new MutationObserver(() => {
      if (dead() >= before) return;
      watch.disconnect();
      settle(island);
    });
    watch.observe(island, { subtree: true, attributeFilter: ["disabled"] });
  };

  // One at a time, so that whatever the page has to do meanwhile gets in between two.
  const wake = () => {
    if (!started || waking || failed) return;
    const island = due.shift();
    if (!island) return;
    waking = true;
    woken.add(island);
    whenAlive(island);
    island.dispatchEvent(new CustomEvent("wake-island", { bubbles: true }));
    setTimeout(() => {
      waking = false;
      wake();
    });
  };

  const want = (island, now) => {
    if (!owed.has(island) || woken.has(island)) return;
    const at = due.indexOf(island);
    if (at >= 0 && !now) return;
    if (at >= 0) due.splice(at, 1);
    now ? due.unshift(island) : due.push(island);
    wake();
  };

  // What is pressed in an island that is not alive brings it to life, and is done then.
  const owe = (event, press) => {
    const island = event.target.closest?.("[data-island]");
    if (failed || !owed.has(island)) return;
    if (press) {
      owed.get(island).push(press);
      island.ariaBusy = "true";
    }
    want(island, true);
  };
  addEventListener("focusin", (event) => owe(event), true);
  addEventListener(
    "click",
    (event) => {
      const { target } = event;
      if (failed || !target.closest?.("button, input, label") || !owed.has(target.closest("[data-island]"))) return;
      // A choice is made when somebody hears of it.
      event.preventDefault();
      event.stopPropagation();
      owe(event, () => target.click());
    },
    true,
  );
  // Buttons are disabled until there is somebody to hear them, and give no click.
  addEventListener(
    "pointerup",
    (event) => {
      const button = event.target.closest?.("button:disabled");
      if (button) owe(event, () => button.click());
    },
    true,
  );
  addEventListener(
    "keydown",
    (event) => {
      const { target } = event;
      // A button that has the keyboard gives a click by itself.
      if (target.closest?.("button, input, select, textarea, summary, a")) return;
      owe(event, () => target.dispatchEvent(new KeyboardEvent("keydown", event)));
    },
    true,
  );

  // What hears of others, or is small, comes alive at once; the rest when it is less than a screen away.
  const near = new IntersectionObserver(
    (seen) => {
      for (const { isIntersecting, target } of seen) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        want(target);
      }
    },
    { rootMargin: "100% 0%" },
  );
  const lookOut = () => {
    for (const island of owed.keys()) {
      if (["task", "map", "progress"].includes(island.dataset.island)) want(island);
      else near.observe(island);
    }
  };

  // When the page is loaded and its text has been on the screen. A page that nobody looks at is never
  // drawn, and one that is drawn says so in the browser's own record, a moment after the frame.
  const drawn = async () => {
    if (document.readyState !== "complete") await new Promise((done) => addEventListener("load", done, { once: true }));
    await new Promise((done) => {
      const unlessSeen = () => document.visibilityState === "hidden" && done();
      document.addEventListener("visibilitychange", unlessSeen);
      unlessSeen();
      if (!PerformanceObserver.supportedEntryTypes.includes("paint")) {
        requestAnimationFrame(() => setTimeout(done));
        return;
      }
      new PerformanceObserver((paints, observer) => {
        if (!paints.getEntriesByName("first-contentful-paint").length) return;
        observer.disconnect();
        done();
      }).observe({ type: "paint", buffered: true });
    });
  };

  const start = async () => {
    if (typeof WebAssembly !== "object") return fail("browser");
    still = Array.from(owed.keys(), (island) => [island, island.cloneNode(true)]);
    await drawn();
    try {
      const fetched = fetch(new URL(wasm, document.baseURI), { priority: "low" });
      // It is looked at below, unless the glue is not there either.
      fetched.catch(() => {});
      const glue = await import(new URL(module, document.baseURI));
      await glue.default({ module_or_path: fetched });
    } catch (error) {
      if (isTrap(error)) return fail("trap", error);
      return fail(location.protocol === "file:" ? "file" : "load", error);
    }
    if (failed) return;
    root.dataset.live = "true";
    started = true;
    for (const island of owed.keys()) reach(island);
    lookOut();
    wake();
  };

  start();
}
