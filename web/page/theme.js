// The colours: light, dark, or as the system has them. Runs before the page is
// drawn, so that it is never drawn twice; works where storage is refused.
{
  const KEY = "at-least-once.theme";
  const NAMES = { auto: "Auto", light: "Light", dark: "Dark" };
  const root = document.documentElement;

  const read = () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null;
    }
  };
  const keep = (theme) => {
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // It holds for this page only.
    }
  };

  const stored = read();
  // Only names of its own: every object knows a `constructor`.
  const known = (theme) => (Object.hasOwn(NAMES, theme) ? theme : "auto");

  root.dataset.theme = known(stored);

  addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector(".theme");
    const name = button?.querySelector("[data-theme-name]");
    if (!name) return;
    const show = () => (name.textContent = NAMES[root.dataset.theme]);
    button.addEventListener("click", () => {
      const order = Object.keys(NAMES);
      root.dataset.theme = order[(order.indexOf(root.dataset.theme) + 1) % order.length];
      keep(root.dataset.theme);
      show();
    });
    // Another tab has changed it.
    addEventListener("storage", (event) => {
      if (event.key !== KEY) return;
      root.dataset.theme = known(event.newValue);
      show();
    });
    show();
  });
}
