// What a marked term means, beside the term: cut out of the glossary's page, so that it is written once.
//
// It is described for a screen reader by the term's link, stays while the pointer is in it, is closed by Escape,
// by a press elsewhere, and by leaving; and it lies over the page, so that nothing moves.

/** How long the pointer rests on a term before it is shown, and how long it may be gone, in milliseconds. */
const REST_MS = 180;
const GONE_MS = 250;
/** The distance to the term and to the edge of the screen, in pixels. */
const GAP = 6;
const EDGE = 12;

const MEANS = "term-preview-means";

const box = document.createElement("div");
box.className = "preview";
box.popover = "manual";
box.role = "note";
box.ariaLabel = "From the glossary";
document.querySelector("main").append(box);

let glossary;
let wanted;
let shown;
let timer;

/** The glossary's page, read once. */
function pageOf(term) {
  const read = async () => {
    const answer = await fetch(term.href.split("#")[0]);
    if (!answer.ok) throw new Error(`${term.href}: ${answer.status}`);
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  };
  glossary ??= read().catch((error) => {
    glossary = undefined;
    throw error;
  });
  return glossary;
}

function hide() {
  clearTimeout(timer);
  wanted = undefined;
  shown?.removeAttribute("aria-describedby");
  shown = undefined;
  if (box.matches(":popover-open")) box.hidePopover();
}

const soon = (what, time) => {
  clearTimeout(timer);
  timer = setTimeout(what, time);
};

function place(term) {
  const [line] = term.getClientRects();
  const { innerHeight } = window;
  const { clientWidth } = document.documentElement;
  const left = Math.max(EDGE, Math.min(line.left, clientWidth - box.offsetWidth - EDGE));
  const fitsBelow = line.bottom + GAP + box.offsetHeight <= innerHeight - EDGE;
  const fitsAbove = line.top - GAP - box.offsetHeight >= EDGE;
  const top = fitsBelow || !fitsAbove ? line.bottom + GAP : line.top - GAP - box.offsetHeight;
  box.style.left = `${left + scrollX}px`;
  box.style.top = `${top + scrollY}px`;
}

function fill(term, entry) {
  const name = document.createElement("p");
  name.className = "preview-term";
  name.append(...Array.from(entry.querySelector("dt").childNodes, (node) => document.importNode(node, true)));
  const means = document.createElement("p");
  means.id = MEANS;
  means.append(...Array.from(entry.querySelector(".means").childNodes, (node) => document.importNode(node, true)));
  const more = document.createElement("a");
  more.href = term.href;
  more.textContent = "In the glossary";
  box.replaceChildren(name, means, more);
}

/** Shows what a term means; `how` is "hover", "focus" or "tap". */
export async function show(term, how) {
  clearTimeout(timer);
  wanted = term;
  if (shown === term) return;
  const [page] = await Promise.all([
    pageOf(term),
    how === "hover" && new Promise((rested) => setTimeout(rested, REST_MS)),
  ]);
  const entry = page.getElementById(decodeURIComponent(term.hash.slice(1)));
  if (wanted !== term || !entry) return;
  shown?.removeAttribute("aria-describedby");
  shown = term;
  fill(term, entry);
  term.setAttribute("aria-describedby", MEANS);
  if (!box.matches(":popover-open")) box.showPopover();
  place(term);
}

const isAround = (node) => node instanceof Node && (box.contains(node) || (wanted ?? shown)?.contains(node));

document.addEventListener("pointerout", (event) => {
  if (event.pointerType === "touch" || !isAround(event.target)) return;
  if (isAround(event.relatedTarget)) return;
  // A term that has the keyboard keeps what is shown of it.
  if (shown && shown === document.activeElement && shown.matches(":focus-visible")) return;
  if (!shown) wanted = undefined;
  soon(hide, GONE_MS);
});
box.addEventListener("pointerenter", () => clearTimeout(timer));
document.addEventListener("focusout", (event) => {
  if (isAround(event.target) && !isAround(event.relatedTarget)) hide();
});
document.addEventListener("pointerdown", (event) => isAround(event.target) || hide());
addEventListener("resize", hide);
addEventListener(
  "keydown",
  (event) => {
    if (event.key !== "Escape" || !shown) return;
    hide();
    event.stopPropagation();
  },
  true,
);
