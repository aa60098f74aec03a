// An editor for learners' code: Starlark, which is written like Python.
//
// It stands in a shadow root. There the styles of CodeMirror are adopted style sheets, which the
// page's policy allows; in the page itself they would be a `<style>`, which it refuses. What the
// page's own style sheet says in custom properties (colours, fonts) is inherited by it.

import { autocompletion } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { python } from "@codemirror/legacy-modes/mode/python";
import { StreamLanguage, bracketMatching, indentOnInput, indentUnit, syntaxHighlighting, syntaxTree } from "@codemirror/language";
import { diagnosticCount, forEachDiagnostic, lintGutter, nextDiagnostic, previousDiagnostic, setDiagnostics, setDiagnosticsEffect } from "@codemirror/lint";
import { Annotation, EditorState, Prec, RangeSetBuilder, countColumn } from "@codemirror/state";
import { Decoration, EditorView, ViewPlugin, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers, tooltips } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import style from "./editor.css";

/**
 * Lines and columns count from 1, columns in characters (code points); the end is behind the last.
 * @typedef {{line: number, column: number, endLine?: number, endColumn?: number, message: string,
 *   severity?: "error" | "warning" | "info"}} Problem
 */

/**
 * Something that can be written behind the name of an object and a dot: `name` with what it takes, what it
 * does and gives, and the text that is written.
 * @typedef {{object: string, name: string, takes: string, says: string, apply: string}} Call
 */

const IS_MAC = /Mac|iP(hone|ad|od)/.test(navigator.platform);
const SEVERITIES = { error: "Error", warning: "Warning", info: "Note" };

/** A change that the page made, of which it need not be told. */
const byPage = Annotation.define();

/**
 * Opens an editor as the last child of `parent`.
 *
 * @param {HTMLElement} parent
 * @param {object} options
 * @param {string} options.doc The text it begins with.
 * @param {string} options.label What it is called.
 * @param {string} [options.describedBy] The id of an element of the page that says more.
 * @param {Call[]} [options.calls] What is offered for completion.
 * @param {(text: string) => void} [options.onChange] After every change that the learner makes.
 * @param {() => void} [options.onCheck] Ctrl+Enter, or Cmd+Enter.
 * @param {() => void} [options.onRun] Shift+Enter.
 */
export function open(parent, { doc, label, describedBy, calls = [], onChange, onCheck, onRun }) {
  const host = element("div", { className: "code-editor" });
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  root.adoptedStyleSheets = [sheet];

  // An id means nothing across the edge of a shadow root, so the words are copied.
  const about = element("p", { id: "about", hidden: true });
  const keys = element("p", { id: "keys" });
  const problems = element("ul", { className: "problems", hidden: true, ariaLabel: "Problems in the code" });
  const describe = () => {
    const words = describedBy ? document.getElementById(describedBy)?.textContent : "";
    about.textContent = words?.trim().replace(/\s+/g, " ") ?? "";
  };
  host.addEventListener("focusin", describe);
  describe();

  let tabIndents = false;
  const tellKeys = () => {
    const ctrl = IS_MAC ? "⌘" : "Ctrl+";
    const rows = [
      onCheck && [`${ctrl}${IS_MAC ? "↩" : "Enter"}`, "check"],
      onRun && [IS_MAC ? "⇧↩" : "Shift+Enter", "run"],
      calls.length && [IS_MAC ? "⌥I" : "Ctrl+Space", "complete"],
      ["F8", "next problem"],
      [`${ctrl}]`, "indent"],
      [`${ctrl}[`, "less indent"],
      ["Tab", tabIndents ? "indent (Esc, then Tab: leave)" : "leave"],
      [IS_MAC ? "⇧⌥M" : "Ctrl+M", tabIndents ? "let Tab leave" : "let Tab indent"],
    ];
    const told = rows.filter(Boolean).map(([key, what]) => {
      const row = element("span");
      row.append(element("kbd", { textContent: key }), ` ${what}`);
      return row;
    });
    // The commas are for those who hear it.
    keys.replaceChildren(...told.flatMap((row, at) => (at ? [hidden(", "), row] : [hidden("Keys: "), row])));
  };
  tellKeys();

  const act = (does) => () => {
    does?.();
    return Boolean(does);
  };
  const toggleTab = (view) => {
    tabIndents = !tabIndents;
    view.setTabFocusMode(!tabIndents);
    tellKeys();
    announce(view, tabIndents ? "Tab now indents. Escape, then Tab, leaves the editor." : "Tab now leaves the editor.");
    return true;
  };

  const view = new EditorView({
    parent: root,
    root,
    state: EditorState.create({
      doc,
      extensions: [
        Prec.high(
          keymap.of([
            { key: "Mod-Enter", run: act(onCheck) },
            { key: "Shift-Enter", run: act(onRun) },
            { key: "F8", run: goTo(nextDiagnostic), shift: goTo(previousDiagnostic) },
            { key: "Ctrl-m", mac: "Shift-Alt-m", run: toggleTab },
          ]),
        ),
        keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]),
        lineNumbers(),
        lintGutter(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        highlightSpecialChars(),
        history(),
        indentOnInput(),
        bracketMatching(),
        indentUnit.of("    "),
        EditorState.tabSize.of(4),
        StreamLanguage.define(python),
        syntaxHighlighting(classHighlighter),
        EditorView.lineWrapping,
        hangingLines,
        tooltips({ tooltipSpace: spaceBeside }),
        autocompletion({ override: [complete(calls)], icons: false, addToOptions: [{ render: explain, position: 90 }] }),
        // It has the keyboard without `tabindex` too; with it, checks of pages know.
        EditorView.contentAttributes.of({ "aria-label": label, "aria-describedby": "about keys", tabindex: "0" }),
        EditorView.contentAttributes.of((view) => (diagnosticCount(view.state) ? { "aria-invalid": "true" } : null)),
        EditorView.updateListener.of((update) => {
          const isMarked = update.transactions.some((done) => done.effects.some((effect) => effect.is(setDiagnosticsEffect)));
          if (update.docChanged || isMarked) listProblems(update.view, problems);
          const isOfPage = update.transactions.some((done) => done.annotation(byPage));
          if (update.docChanged && !isOfPage) onChange?.(update.state.doc.toString());
        }),
      ],
    }),
  });
  // Tab leaves, as everywhere in the page, until the learner wants it otherwise.
  view.setTabFocusMode(true);
  root.append(problems, keys, about);
  parent.append(host);

  return {
    /** The text as it is now. */
    text: () => view.state.doc.toString(),
    /** Replaces the text, which can be undone; what was marked is no longer. */
    set(text) {
      const changes = { from: 0, to: view.state.doc.length, insert: text };
      view.dispatch({ changes, annotations: byPage.of(true) });
      view.dispatch(setDiagnostics(view.state, []));
    },
    /** Marks these problems, and no others. @param {Problem[]} found */
    mark: (found) => view.dispatch(setDiagnostics(view.state, found.map((problem) => diagnostic(view.state, problem)))),
    /** Moves the keyboard here. */
    focus: () => view.focus(),
    /** Takes the editor out of the page. */
    destroy() {
      view.destroy();
      host.remove();
    },
  };
}

/** What a long line is continued by stands further in than its beginning, as a person would write it. */
const hangingLines = ViewPlugin.fromClass(
  class {
    constructor(view) {
      this.decorations = hang(view);
    }
    update(update) {
      if (update.docChanged || update.viewportChanged) this.decorations = hang(update.view);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

/** By how many columns a continuation stands further in, and how far in it may stand: a phone is narrow. */
const HANG = 2;
const HANG_MAX = 14;

/** A line that hangs by so many columns: a class, because a browser that copies a line as it edits
 * copies its inline style too, which the page's policy refuses. */
const HANGING = Array.from({ length: HANG_MAX + 1 }, (_, columns) => Decoration.line({ class: `hang-${columns}` }));

function hang(view) {
  const found = new RangeSetBuilder();
  for (const { from, to } of view.visibleRanges) {
    for (let at = from; at <= to; ) {
      const line = view.state.doc.lineAt(at);
      const indented = countColumn(/^\s*/.exec(line.text)[0], view.state.tabSize);
      found.add(line.from, line.from, HANGING[Math.min(indented + HANG, HANG_MAX)]);
      at = line.to + 1;
    }
  }
  return found.finish();
}

/** Offers the calls of the object before the dot, and elsewhere the objects themselves. */
function complete(calls) {
  const objects = new Map();
  for (const { object, name, takes, says, apply } of calls) {
    const own = objects.get(object) ?? [];
    own.push({ label: name, detail: takes, apply, says });
    objects.set(object, own);
  }
  return (context) => {
    const { state, pos } = context;
    if (/comment|string/.test(syntaxTree(state).resolveInner(pos, -1).name)) return null;
    const dotted = context.matchBefore(/\w+\.\w*/);
    if (dotted) {
      const object = dotted.text.slice(0, dotted.text.indexOf("."));
      const options = objects.get(object) ?? (isTransaction(state, object) ? objects.get("tx") : null);
      return options ? { from: dotted.from + object.length + 1, options, validFor: /^\w*$/ } : null;
    }
    // From two letters on, so that nothing is offered beside a name of the learner's own.
    const word = context.matchBefore(/[A-Za-z_]\w+/);
    if (!word && !context.explicit) return null;
    const names = [...objects.keys()].filter((name) => name !== "tx" || isTransaction(state, name));
    return { from: word?.from ?? pos, options: names.map((label) => ({ label })), validFor: /^\w*$/ };
  };
}

/** Whether a name is given to a transaction somewhere in the code. */
function isTransaction(state, name) {
  return new RegExp(`\\b${name}\\s*=\\s*db\\.begin\\(`).test(state.doc.toString());
}

/** What a call does, under its name. */
function explain({ says }) {
  return says ? element("span", { className: "says", textContent: says }) : null;
}

/** Where a message that floats may stand: as high as the window, as wide as the editor. */
function spaceBeside(view) {
  const { left, right } = view.dom.getBoundingClientRect();
  return { left, right, top: 0, bottom: innerHeight };
}

/** A problem as CodeMirror has it. */
function diagnostic(state, { line, column, endLine, endColumn, message, severity }) {
  const from = offset(state.doc, line, column);
  let to = endLine ? offset(state.doc, endLine, endColumn ?? 1) : from;
  if (to <= from) {
    // A place and not a stretch: the word there, else the character, so that there is something to underline.
    const word = state.wordAt(from);
    const rest = state.doc.lineAt(from).to - from;
    to = word && word.to > from ? word.to : from + Math.min(rest, 1);
  }
  return { from, to, message, severity: severity in SEVERITIES ? severity : "error" };
}

/** The offset of a line and column; of the nearest place, if there is none such. */
function offset(doc, line, column) {
  const { from, text } = doc.line(Math.min(Math.max(line, 1), doc.lines));
  const before = Array.from(text).slice(0, Math.max(column - 1, 0));
  return from + before.join("").length;
}

/** `Error in line 3: no such name`. */
function sentence(state, { severity, message }, from) {
  return `${SEVERITIES[severity]} in line ${state.doc.lineAt(from).number}: ${message}`;
}

/** Lists what is marked, each as a button that leads there. */
function listProblems(view, list) {
  const rows = [];
  forEachDiagnostic(view.state, (found, from, to) => {
    const button = element("button", { type: "button", className: found.severity, textContent: sentence(view.state, found, from) });
    button.addEventListener("click", () => {
      view.dispatch({ selection: { anchor: from, head: to }, scrollIntoView: true });
      view.focus();
    });
    const row = element("li");
    row.append(button);
    rows.push(row);
  });
  list.replaceChildren(...rows);
  list.hidden = !rows.length;
}

/** Goes to the next or previous problem and says it. */
function goTo(move) {
  return (view) => {
    if (!diagnosticCount(view.state)) return false;
    move(view);
    const { from, to } = view.state.selection.main;
    const told = [];
    forEachDiagnostic(view.state, (found, at, end) => {
      if (at <= from && to <= end) told.push(sentence(view.state, found, at));
    });
    announce(view, told.join(" "));
    return true;
  };
}

/** Has a screen reader say something. */
function announce(view, words) {
  view.dispatch({ effects: EditorView.announce.of(words) });
}

/** @template {keyof HTMLElementTagNameMap} T @param {T} name */
function element(name, properties = {}) {
  return Object.assign(document.createElement(name), properties);
}

/** Words that are heard and not seen. */
function hidden(words) {
  return element("span", { className: "hidden-visually", textContent: words });
}
