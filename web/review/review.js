// The page of the review: asks what is due, one at a time, and keeps the plan (`plan.js`).
//
// What somebody has done is read from the progress that the lessons keep, and never written. The plan has a key
// of its own. It is read again before each answer is written, so that two tabs add to one plan.

import * as plans from "./plan.js";
import style from "./review.css";

const PROGRESS = "at-least-once.progress";
const PLAN = "at-least-once.review";
/** How many are asked before the page says that it is enough: about ten minutes. */
const SITTING = 20;

const SAY = {
  refused: "This browser keeps nothing for this site, so nothing can come back.",
  full: "There is no room in this browser to keep the plan: what you answer now counts for this visit.",
  newer: "The plan kept in this browser was written by a newer page, so it is left as it is, and what you answer now counts for this visit. Reload the page to get the newest.",
  damaged: "The plan kept in this browser cannot be read, so it is left as it is, and what you answer now counts for this visit.",
  progress: "The progress kept in this browser cannot be read, so nothing can come back now. The plan is left as it is.",
  none: "Nothing to review yet. Answer a quick check in a lesson, and its questions come back here.",
  texts: "The questions could not be loaded. Reload the page from a server that can be reached.",
};

const place = document.querySelector(".review");
const { laterReview } = document.querySelector("script[data-later-review]").dataset;
const site = new URL("../", import.meta.url);

let lessons = [];
let items = [];
let plan = plans.empty();
// Whether the kept plan may be written over.
let keeps = true;
let asked = 0;
let shown = null;
const warning = make("p", { className: "why no", hidden: true });
const status = make("p", { className: "review-said" });
status.setAttribute("role", "status");
const box = make("div");

/** An element with these properties and what is in it. */
function make(name, properties = {}, ...inside) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...inside);
  return element;
}

/** HTML that the site builder made, with its links as seen from the page at `path`. */
function html(text, path) {
  const made = make("span", { innerHTML: text });
  for (const link of made.querySelectorAll("a[href]")) link.href = new URL(link.getAttribute("href"), new URL(path, site));
  return made;
}

function button(name, key, press) {
  const made = make("button", { type: "button", onclick: press });
  if (key) {
    made.dataset.key = key;
    made.append(make("kbd", {}, key), " ");
  }
  made.append(name);
  return made;
}

function warn(why, ...inside) {
  warning.replaceChildren(SAY[why], ...inside);
  warning.hidden = false;
}

/** Keeps what cannot be read under another name, and begins a new plan. */
function setAside() {
  try {
    localStorage.setItem(`${PLAN}.aside`, stored(PLAN));
    localStorage.removeItem(PLAN);
  } catch {
    return warn("full");
  }
  keeps = true;
  warning.hidden = true;
  turn(true);
}

/** What is kept under a name; `null` where nothing is. */
const stored = (key) => localStorage.getItem(key);

/** Reads what was done and what is planned, and says whether that is possible. */
function look() {
  let progress;
  try {
    progress = JSON.parse(stored(PROGRESS) ?? "{}");
    // A newer form, or none: `storage.js` says so, and nothing is dropped from the plan.
    if (Object(progress) !== progress || (progress.version ?? 1) !== 1) throw new SyntaxError("no progress");
  } catch (error) {
    warn(error instanceof SyntaxError ? "progress" : "refused");
    return null;
  }
  const kept = plans.read(stored(PLAN));
  if (kept.fault) {
    keeps = false;
    if (kept.fault === "newer") warn("newer");
    else warn("damaged", " ", button("Set it aside and begin a new plan", "", setAside));
  } else if (keeps) {
    plan = kept.plan;
  }
  items = plans.met(lessons, progress);
  keep(plans.take(plan, items, Date.now()));
  return progress;
}

function keep(changed) {
  const text = JSON.stringify(changed);
  plan = changed;
  if (!keeps) return;
  try {
    if (stored(PLAN) !== text) localStorage.setItem(PLAN, text);
  } catch {
    keeps = false;
    warn("full");
  }
}

/** Takes an answer, and returns when it comes back, in words. */
function answer(item, knew) {
  if (keeps) {
    const kept = plans.read(stored(PLAN));
    if (kept.plan?.cards[item.id]) plan = kept.plan;
  }
  const now = Date.now();
  keep(plans.answer(plan, item.id, knew, now));
  asked += 1;
  const days = plans.days(plan.cards[item.id].due, now);
  return days === 1 ? "It comes back tomorrow." : `It comes back in ${days} days.`;
}

const from = (item) => {
  const href = new URL(item.lesson.path, site).href;
  return make("p", { className: "review-from" }, `Lesson ${item.lesson.number}, `, make("a", { href }, item.lesson.title));
};

/** Puts the end of an item on the page: what came of it, and the way on. */
function close(fieldset, sentence) {
  shown = null;
  status.textContent = sentence;
  const on = button("Next", "", () => turn(true));
  fieldset.append(on);
  on.focus();
}

function askQuestion(item, fieldset) {
  const { question, lesson } = item;
  const choose = (chosen) => {
    const knew = chosen === question.key;
    fieldset.className = knew ? "right" : "wrong";
    options.forEach((option, at) => {
      option.firstChild.disabled = true;
      // As in the lesson: who is right reads why of all; who is not, of the answer, and here of the right one.
      if (!knew && at !== chosen && at !== question.key) return;
      const mark = at === question.key ? "✓ Right. " : at === chosen ? "✕ Not so. " : "";
      const why = make("div", { className: at === question.key ? "why yes" : "why no" }, make("b", {}, mark));
      why.append(html(question.options[at].why, lesson.path));
      option.append(why);
    });
    close(fieldset, `${knew ? "Right." : "Not so."} ${answer(item, knew)}`);
  };
  const options = question.options.map((option, at) => {
    const key = at < 9 ? `${at + 1}` : "";
    return make("div", { className: "review-option" }, button(html(option.text, lesson.path), key, () => choose(at)));
  });
  fieldset.append(make("legend", { tabIndex: -1 }, html(question.prompt, lesson.path)), ...options);
}

function askTerm(item, fieldset) {
  const { term } = item;
  const judge = (knew) => {
    choices.remove();
    fieldset.className = knew ? "right" : "wrong";
    close(fieldset, answer(item, knew));
  };
  const choices = make("div", { className: "review-choices" });
  const show = button("Show what it means", "1", () => {
    const means = make("p", { className: "review-means", tabIndex: -1 }, html(term.means, "glossary/index.html"));
    choices.before(means);
    choices.replaceChildren(button("I knew it", "1", () => judge(true)), button("Not yet", "2", () => judge(false)));
    means.focus();
  });
  choices.append(show);
  const name = make("b", {}, term.term);
  fieldset.append(make("legend", { tabIndex: -1 }, "What does “", name, "” mean? Say it to yourself first."), choices);
}

const when = (time) =>
  new Date(time).toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long" });

/** What is on the page when nothing is asked. */
function rest(left, progress) {
  const parts = [];
  if (left > 0) {
    status.textContent = `That is enough for today. ${left} more can wait until tomorrow.`;
    const on = button("Go on", "", () => {
      asked = 0;
      turn(true);
    });
    parts.push(on);
  } else {
    const next = plans.next(plan);
    const done = asked > 0 ? "That was all for now." : "Nothing is due.";
    status.textContent = next === null ? SAY.none : `${done} The next is due on ${when(next)}.`;
  }
  const exercises = plans.open(lessons, progress).map(({ lesson, exercise }) => {
    const href = `${new URL(lesson.path, site)}#exercise-${exercise.id}`;
    return make("li", {}, make("a", { href }, exercise.title), `, lesson ${lesson.number}`);
  });
  if (exercises.length) parts.push(make("h2", {}, "Exercises to try again"), make("ul", {}, ...exercises));
  box.replaceChildren(...parts);
}

/** Goes on to what is due now. */
function turn(focuses) {
  let progress;
  try {
    progress = look();
  } catch {
    warn("refused");
  }
  shown = null;
  if (!progress) return box.replaceChildren();
  const due = plans.due(plan, items, Date.now());
  if (!due.length || asked >= SITTING) {
    rest(due.length, progress);
    if (focuses) (box.querySelector("button") ?? document.getElementById("main")).focus();
    return;
  }
  const [item] = due;
  const fieldset = make("fieldset");
  shown = item.id;
  (item.term ? askTerm : askQuestion)(item, fieldset);
  status.textContent = `${due.length} due.`;
  box.replaceChildren(from(item), fieldset);
  if (focuses) fieldset.querySelector("legend").focus();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target.closest?.("input, select, textarea, dialog")) return;
  const pressed = [...box.querySelectorAll("button[data-key]:enabled")].find(({ dataset }) => dataset.key === event.key);
  if (!pressed) return;
  event.preventDefault();
  pressed.click();
});

// Another tab has answered, or forgotten: what is asked stays as long as it is still due.
addEventListener("storage", ({ key }) => {
  if (key !== null && key !== PLAN && key !== PROGRESS) return;
  const isOpen = shown === null && box.querySelector("fieldset");
  if (isOpen || !lessons.length) return;
  if (shown !== null && look() && plans.due(plan, items, Date.now()).some(({ id }) => id === shown)) return;
  turn(false);
});

const sheet = new CSSStyleSheet();
sheet.replaceSync(style);
document.adoptedStyleSheets.push(sheet);
place.replaceChildren(warning, status, box);
try {
  const answered = await fetch(new URL(laterReview, document.baseURI));
  if (!answered.ok) throw new Error(`${answered.status}`);
  lessons = await answered.json();
  turn(false);
} catch (error) {
  console.error(error);
  warn("texts");
}
