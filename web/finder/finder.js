// The search over the site, and the list of keys: a dialog each, opened by `ask.js`.
//
// What can be found stands in one file that the site builder has written: sections of lessons, terms, rules and
// scenes with their texts. It is fetched when the dialog is opened first, and indexed here, in slices.

import MiniSearch from "minisearch";
import style from "./finder.css";

/** The groups of what is found, in the words of the builder. */
const GROUPS = { term: "Terms", lesson: "Lessons", scene: "Scenes", rule: "Rules of the models" };
/** How many of a group are shown. */
const SHOWN_MAX = 6;
/** How many characters stand around a hit. */
const AROUND = 70;

const KEYS = [
  ["/", "search lessons, terms, rules and scenes"],
  ["?", "show these keys; in a player, those of the player"],
  ["Tab", "go to the next link, button or marked term; a term shows what it means"],
  ["Enter", "follow a link, press a button"],
  ["Esc", "close what has opened"],
];

/** An element with a class and what is in it. */
function make(name, className, ...inside) {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.append(...inside);
  return element;
}

let isStyled = false;
function dialogOf(title) {
  if (!isStyled) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    document.adoptedStyleSheets.push(sheet);
    isStyled = true;
  }
  const dialog = make("dialog", "finder");
  dialog.ariaLabel = title;
  const close = make("button", "finder-close", "Close");
  close.type = "button";
  close.addEventListener("click", () => dialog.close());
  // A press beside the dialog closes it.
  dialog.addEventListener("pointerdown", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  return { dialog, close };
}

/** A word, or several with hyphens between them: `time-out` is found as `timeout`, too. */
const WORD = /[\p{L}\p{N}]+(?:-[\p{L}\p{N}]+)*/gu;
const partsOf = (word) => word.toLowerCase().split("-");
const joined = (word) => partsOf(word).join("");
const wordsOf = (text) => text.match(WORD) ?? [];

/** What a text is found by: its words, and of those with hyphens the parts. */
const foundBy = (text) => wordsOf(text).flatMap((word) => [...new Set([joined(word), ...partsOf(word)])]);
/** What is looked for. */
const lookedFor = (query) => wordsOf(query).map(joined);
/** Whether a word is, or has in it, something that was found. */
const isHit = (word, hits) => hits.has(joined(word)) || partsOf(word).some((part) => hits.has(part));

function indexOf(documents) {
  const index = new MiniSearch({ fields: ["title", "text"], idField: "url", storeFields: [], tokenize: foundBy, searchOptions: { tokenize: lookedFor } });
  const ready = index.addAllAsync(documents, { chunkSize: 40 });
  return { index, ready };
}

const SEARCH = {
  boost: { title: 4 },
  prefix: (term) => term.length > 1,
  // One slip from five letters on, two from ten; in shorter words a slip is another word.
  fuzzy: (term) => (term.length > 4 ? 0.2 : false),
  maxFuzzy: 2,
  weights: { fuzzy: 0.3, prefix: 0.6 },
};

/** What is found, all words first; where nothing has all of them, what has some. */
function search(index, query) {
  const boostDocument = (url) => (/glossary\//.test(url) ? 1.5 : /fidelity\//.test(url) ? 0.6 : 1);
  const all = index.search(query, { ...SEARCH, boostDocument, combineWith: "AND" });
  return all.length ? all : index.search(query, { ...SEARCH, boostDocument, combineWith: "OR" });
}

/** A text with what was hit in it marked. */
function marked(text, hits) {
  const parts = [];
  let at = 0;
  for (const word of text.matchAll(WORD)) {
    if (!isHit(word[0], hits)) continue;
    parts.push(text.slice(at, word.index), make("mark", "", word[0]));
    at = word.index + word[0].length;
  }
  parts.push(text.slice(at));
  return parts;
}

/** The part of a text around its first hit. */
function excerpt(text, hits) {
  let first = 0;
  for (const word of text.matchAll(WORD)) {
    if (!isHit(word[0], hits)) continue;
    first = word.index;
    break;
  }
  let from = first < AROUND ? 0 : text.indexOf(" ", first - AROUND) + 1;
  if (from > first) from = first;
  let to = text.indexOf(" ", from + 2 * AROUND);
  if (to < 0) to = text.length;
  return `${from > 0 ? "… " : ""}${text.slice(from, to)}${to < text.length ? " …" : ""}`;
}

let finder;

/** Opens the search. `found` is the address of what can be found, `site` that of the site's folder. */
export function open({ found, site }) {
  finder ??= makeFinder(found, site);
  finder();
}

function makeFinder(found, site) {
  const { dialog, close } = dialogOf("Search");
  const input = make("input", "finder-input");
  Object.assign(input, { type: "search", autocomplete: "off", spellcheck: false, enterKeyHint: "go" });
  input.placeholder = "Search lessons, terms, rules, scenes";
  input.ariaLabel = "Search lessons, terms, rules and scenes";
  const said = make("p", "finder-said");
  said.role = "status";
  const results = make("div", "finder-results");
  dialog.append(make("div", "finder-head", input, close), said, results);

  let documents;
  let index;
  const load = async () => {
    const answer = await fetch(found);
    if (!answer.ok) throw new Error(`${found}: ${answer.status}`);
    const rows = await answer.json();
    documents = new Map(rows.map(([kind, url, title, place, text]) => [url, { kind, url, title, place, text }]));
    const indexed = indexOf([...documents.values()]);
    await indexed.ready;
    index = indexed.index;
  };
  let loading;

  const show = () => {
    const query = input.value.trim();
    results.replaceChildren();
    if (!query) {
      said.textContent = "";
      return;
    }
    if (!index) {
      said.textContent = "Loading …";
      return;
    }
    const groups = new Map(Object.keys(GROUPS).map((kind) => [kind, []]));
    const hits = search(index, query);
    for (const hit of hits) groups.get(documents.get(hit.id).kind).push(hit);
    // The group with the best hit comes first.
    const best = ([, hits]) => hits[0]?.score ?? 0;
    for (const [kind, hits] of [...groups].sort((one, other) => best(other) - best(one))) {
      if (hits.length) results.append(groupOf(kind, hits));
    }
    said.textContent = hits.length ? `${hits.length} found` : `Nothing is found for “${query}”`;
  };

  const groupOf = (kind, hits) => {
    const count = hits.length > SHOWN_MAX ? `the best ${SHOWN_MAX} of ${hits.length}` : `${hits.length}`;
    const list = make("ul", "");
    for (const hit of hits.slice(0, SHOWN_MAX)) {
      const { url, title, place, text } = documents.get(hit.id);
      const terms = new Set(Object.keys(hit.match));
      const link = make("a", "", make("span", "finder-title", ...marked(title, terms)));
      link.href = new URL(url, site);
      if (place) link.append(" ", make("span", "finder-place", place));
      link.append(make("span", "finder-text", ...marked(excerpt(text, terms), terms)));
      list.append(make("li", "", link));
    }
    const heading = make("h2", "", GROUPS[kind], " ", make("small", "", count));
    return make("section", "", heading, list);
  };

  const links = () => [...results.querySelectorAll("a")];
  dialog.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const stops = [input, ...links()];
    const at = stops.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && at >= 0) {
      event.preventDefault();
      stops[(at + step + stops.length) % stops.length].focus();
    } else if (event.key === "Escape") {
      // A field for a search would only be emptied.
      event.preventDefault();
      dialog.close();
    } else if (event.key === "Enter" && at === 0) {
      event.preventDefault();
      stops[1]?.click();
    } else if (at > 0 && (event.key.length === 1 && event.key !== " " || event.key === "Backspace")) {
      // Writing goes on in the field.
      input.focus();
    }
  });
  input.addEventListener("input", show);
  // A link into this page leaves the dialog open otherwise.
  results.addEventListener("click", (event) => event.target.closest("a") && !event.ctrlKey && !event.metaKey && dialog.close());

  return () => {
    if (!dialog.open) dialog.showModal();
    input.select();
    loading ??= load().then(show, (error) => {
      console.error(error);
      loading = undefined;
      said.textContent = "What can be found could not be loaded; closing and opening the search again tries once more.";
    });
  };
}

let keys;

/** Opens the list of keys. */
export function openKeys() {
  keys ??= makeKeys();
  if (!keys.open) keys.showModal();
}

function makeKeys() {
  const { dialog, close } = dialogOf("Keys");
  const list = make("dl", "finder-keys");
  for (const [key, does] of KEYS) list.append(make("div", "", make("dt", "", make("kbd", "", key)), make("dd", "", does)));
  const player = make("p", "", "A player has keys of its own while it has the keyboard: press ? there, or its button “Keys”.");
  dialog.append(make("div", "finder-head", make("h2", "", "Keys"), close), list, player);
  return dialog;
}
