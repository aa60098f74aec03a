// What is loaded when somebody asks for it: the search (its button, and `/`), the list of keys (`?`), and what a
// marked term means (pointed at, reached with the keyboard, or tapped).
//
// A classic script, so that it runs on a page opened from a file, where modules cannot be loaded: there it says
// so, and a term is the plain link that it is without scripts.
{
  const { laterFinder, laterFound, laterPreview } = document.currentScript.dataset;
  const site = new URL("..", document.currentScript.src);
  const load = (path) => import(new URL(path, document.baseURI));

  const finder = async (open) => {
    try {
      open(await load(laterFinder));
    } catch (error) {
      console.error(error);
      const notice = document.createElement("p");
      notice.className = "notice";
      notice.textContent = "The search could not be loaded; it runs when the page is reloaded from a server that can be reached.";
      document.querySelector(".notices")?.replaceChildren(notice);
    }
  };
  const find = () => finder(({ open }) => open({ found: new URL(laterFound, document.baseURI), site }));

  const button = document.querySelector(".find");
  if (button) {
    button.disabled = false;
    button.addEventListener("click", find);
  }
  document.addEventListener("keydown", (event) => {
    const { target, key } = event;
    // A player has keys of its own, and who writes means the letter.
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (target.isContentEditable || target.closest?.("input, select, textarea, dialog, .code-editor")) return;
    if (key === "/") find();
    else if (key === "?" && !target.closest?.(".stage")) finder(({ openKeys }) => openKeys());
    else return;
    event.preventDefault();
  });

  if (laterPreview) {
    let preview;
    let failed = false;
    let pointer = "";
    const show = async (term, how) => {
      try {
        preview ??= await load(laterPreview);
        await preview.show(term, how);
      } catch (error) {
        failed = true;
        console.error(error);
        if (how === "tap") location.assign(term.href);
      }
    };
    const on = (kind, how) =>
      document.addEventListener(kind, (event) => {
        const term = event.target.closest?.("a.term");
        if (!term || failed) return;
        if (how === "hover" && event.pointerType === "touch") return;
        if (how === "focus" && !term.matches(":focus-visible")) return;
        if (how === "tap") {
          if (pointer !== "touch" || event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
        }
        show(term, how);
      });
    addEventListener("pointerdown", (event) => (pointer = event.pointerType), true);
    addEventListener("keydown", () => (pointer = ""), true);
    on("pointerover", "hover");
    on("focusin", "focus");
    on("click", "tap");
  }
}
