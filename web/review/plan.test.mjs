// node --test web/review/: the plan of the review, held to what it says.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as plans from "./plan.js";

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 0, 5, 12);
const question = (id) => ({ id, key: 1, options: [{}, {}, {}] });
const LESSON = {
  id: "log",
  quizzes: [{ id: "check", version: 2, questions: ["a", "b", "c"].map(question) }],
  exercises: [{ id: "guard" }],
  terms: [{ id: "offset" }],
};
const progress = (answers, version = 2) => ({ version: 1, lessons: { log: { quizzes: { check: { version, answers } } } } });
const items = (answers, version) => plans.met([LESSON], progress(answers, version));
const ids = (items) => items.map(({ id }) => id);

test("a question enters when it is answered in a lesson, and terms with the first", () => {
  const check = (answers, expected, version) => assert.deepEqual(ids(items(answers, version)), expected);
  check({}, []);
  check({ a: 1, c: 0 }, ["log/check/a", "log/check/c", "term/offset"]);
  check({ a: 1 }, [], 1);
  check({ a: 7, b: "constructor" }, []);
});

test("what was missed is due first and at once, and what is known after days", () => {
  const all = items({ a: 1, b: 0, c: 2 });
  const plan = plans.take(plans.empty(), all, NOW);
  assert.deepEqual(ids(plans.due(plan, all, NOW)), ["log/check/b", "log/check/c", "term/offset"]);
  assert.ok(plan.cards["log/check/a"].due >= NOW + DAY);
});

test("intervals grow with right answers, and a miss brings it back the next day", () => {
  const all = items({ a: 1 });
  let plan = plans.take(plans.empty(), all, NOW);
  let now = NOW;
  let last = 0;
  for (let round = 0; round < 4; round += 1) {
    const { due } = plan.cards["log/check/a"];
    assert.ok(due - now > last, `round ${round}`);
    last = due - now;
    now = due;
    plan = plans.answer(plan, "log/check/a", true, now);
  }
  plan = plans.answer(plan, "log/check/a", false, now);
  const missed = plan.cards["log/check/a"];
  assert.ok(missed.missed && missed.due - now >= DAY && missed.due - now < last, `${(missed.due - now) / DAY}`);
});

test("the plan is read back as it was, and taking it again changes nothing", () => {
  const all = items({ a: 1, b: 0 });
  const plan = plans.take(plans.empty(), all, NOW);
  assert.deepEqual(plans.read(JSON.stringify(plan)), { plan });
  assert.deepEqual(plans.take(plan, all, NOW + DAY), plan);
});

test("a wrong answer in the lesson since then is due, and what is forgotten goes out", () => {
  const plan = plans.take(plans.empty(), items({ a: 1, b: 1 }), NOW);
  const since = items({ a: 0 });
  const after = plans.take(plan, since, NOW + 1);
  assert.deepEqual(Object.keys(after.cards), ["log/check/a", "term/offset"]);
  assert.equal(plans.due(after, since, NOW + 1)[0].id, "log/check/a");
});

test("a text that is no plan, or a newer one, is refused", () => {
  const check = (text, fault) => assert.equal(plans.read(text).fault, fault, text);
  check("", "damaged");
  check("null", "damaged");
  check('{"version":1,"cards":{"a":{}}}', "damaged");
  check('{"version":1,"cards":[]}', "damaged");
  check('{"version":2,"cards":{}}', "newer");
  check('{"version":1,"cards":{}}', undefined);
});

test("a clock that was put back gives no error and no interval below a day", () => {
  const all = items({ a: 1 });
  let plan = plans.take(plans.empty(), all, NOW);
  plan = plans.answer(plan, "log/check/a", true, NOW - 30 * DAY);
  assert.ok(plan.cards["log/check/a"].due >= NOW + DAY);
});

test("an exercise is open when it was tried and has not passed", () => {
  const check = (kept, count) => {
    const lessons = { log: { exercises: { guard: kept } } };
    assert.equal(plans.open([LESSON], { lessons }).length, count, JSON.stringify(kept));
  };
  check(undefined, 0);
  check({ answer: "", hints: 0, passed: false }, 0);
  check({ answer: "x", passed: false }, 1);
  check({ hints: 1 }, 1);
  check({ answer: "x", passed: true }, 0);
});
