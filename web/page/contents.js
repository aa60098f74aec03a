// Two comforts of a long page: the contents mark the section being read, and
// what is wider than the screen can be scrolled with the keyboard.
{
  const links = [...document.querySelectorAll('.contents-beside a[href^="#"]')];
  const sections = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));
  if (links.length && sections.every(Boolean)) {
    let waiting = false;
    const mark = () => {
      waiting = false;
      const line = innerHeight / 3;
      const atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 2;
      let current = sections.findLastIndex((section) => section.getBoundingClientRect().top <= line);
      if (atEnd) current = sections.length - 1;
      links.forEach((link, index) => link.toggleAttribute("aria-current", index === current));
      links[current]?.setAttribute("aria-current", "true");
    };
    const soon = () => {
      if (!waiting) requestAnimationFrame(mark);
      waiting = true;
    };
    addEventListener("scroll", soon, { passive: true });
    addEventListener("resize", soon);
    soon();
  }

  const fit = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) {
        target.tabIndex = 0;
        target.role = "group";
        target.ariaLabel = "Scrolls sideways";
      } else {
        for (const name of ["tabindex", "role", "aria-label"]) target.removeAttribute(name);
      }
    }
  });
  document.querySelectorAll(".scroll, .prose pre").forEach((box) => fit.observe(box));
}
