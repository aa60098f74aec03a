// The plan of the review: which questions and terms somebody has met, when each comes back, and in which order.
// Values in, values out: no page, no storage, and no clock but the `now` that is handed in, in milliseconds.

import { createEmptyCard, fsrs, Rating } from "ts-fsrs";

/** The form of the text that is kept. */
export const VERSION = 1;

const DAY = 86_400_000;

// Without chance, so that the same answers give the same days, and without steps of minutes: what is missed
// comes back on another day.
const scheduler = fsrs({ enable_fuzz: false, enable_short_term: false });

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** A plan with nothing in it. */
export const empty = () => ({ version: VERSION, cards: {} });

const isCard = (card) =>
  isObject(card) && typeof card.missed === "boolean" && Number.isInteger(card.version) && Number.isFinite(card.due) &&
  (card.fsrs === null || (isObject(card.fsrs) && ["stability", "difficulty", "last_review"].every((name) => Number.isFinite(card.fsrs[name]))));

/** Reads a text that was kept: the plan, or why it is none. */
export function read(text) {
  if (text === null) return { plan: empty() };
  try {
    const plan = JSON.parse(text);
    if (!isObject(plan) || !Number.isInteger(plan.version) || plan.version < 1) return { fault: "damaged" };
    if (plan.version > VERSION) return { fault: "newer" };
    return isObject(plan.cards) && Object.values(plan.cards).every(isCard) ? { plan } : { fault: "damaged" };
  } catch {
    return { fault: "damaged" };
  }
}

/**
 * What somebody has met: the questions that are answered in a lesson, in the version that they have now, and the
 * terms of lessons in which a question is answered.
 */
export function met(lessons, progress) {
  const items = [];
  for (const lesson of lessons) {
    const before = items.length;
    const done = progress.lessons?.[lesson.id] ?? {};
    for (const quiz of lesson.quizzes) {
      const kept = done.quizzes?.[quiz.id];
      if (kept?.version !== quiz.version) continue;
      for (const question of quiz.questions) {
        const answer = kept.answers?.[question.id];
        if (!Number.isInteger(answer) || !question.options[answer]) continue;
        const id = `${lesson.id}/${quiz.id}/${question.id}`;
        items.push({ id, lesson, version: quiz.version, question, answer });
      }
    }
    if (items.length === before) continue;
    for (const term of lesson.terms) items.push({ id: `term/${term.id}`, lesson, version: 1, term });
  }
  return items;
}

const rated = (kept, rating, now) => {
  // A clock that was put back is no reason for an interval below nothing.
  const at = Math.max(now, kept?.last_review ?? 0);
  const { card } = scheduler.next(kept ?? createEmptyCard(at), at, rating);
  return { ...card, due: card.due.getTime(), last_review: card.last_review.getTime() };
};

const answered = (card, knew, now) => {
  const kept = rated(card.fsrs, knew ? Rating.Good : Rating.Again, now);
  return { ...card, fsrs: kept, due: kept.due, missed: !knew };
};

/**
 * The plan with all of `items` and nothing else. A question that is answered rightly when it enters counts as known
 * at that moment, because a lesson keeps no dates; one that is missed, in a lesson since then too, is due at once.
 */
export function take(plan, items, now) {
  const cards = {};
  for (const { id, version, question, answer = null } of items) {
    const known = Object.hasOwn(plan.cards, id) ? plan.cards[id] : null;
    const wrong = question !== undefined && answer !== question.key;
    if (known?.version === version) {
      const missedSince = wrong && known.answer !== answer;
      cards[id] = missedSince ? { ...known, answer, due: now, missed: true } : { ...known, answer };
      continue;
    }
    const card = { version, answer, due: now, missed: wrong, fsrs: null };
    cards[id] = question && !wrong ? answered(card, true, now) : card;
  }
  return { version: VERSION, cards };
}

/** Which of `items` are due: first what was missed, then questions before terms, then the longest overdue. */
export function due(plan, items, now) {
  const rank = ({ id, term }) => [plan.cards[id].missed ? 0 : 1, term ? 1 : 0, plan.cards[id].due];
  const before = (one, other) => {
    const [a, b] = [rank(one), rank(other)];
    const at = a.findIndex((value, index) => value !== b[index]);
    return at < 0 ? 0 : a[at] - b[at];
  };
  return items.filter(({ id }) => plan.cards[id]?.due <= now).sort(before);
}

/** The plan after an answer. */
export function answer(plan, id, knew, now) {
  if (!Object.hasOwn(plan.cards, id)) return plan;
  return { ...plan, cards: { ...plan.cards, [id]: answered(plan.cards[id], knew, now) } };
}

/** When the next comes back, in milliseconds; `null` where nothing ever does. */
export const next = (plan) => {
  const times = Object.values(plan.cards).map((card) => card.due);
  return times.length ? Math.min(...times) : null;
};

/** In how many days that is, at least one. */
export const days = (time, now) => Math.max(1, Math.round((time - now) / DAY));

/** The exercises that were tried and have not passed. */
export const open = (lessons, progress) =>
  lessons.flatMap((lesson) =>
    lesson.exercises
      .filter(({ id }) => {
        const kept = progress.lessons?.[lesson.id]?.exercises?.[id];
        return kept && !kept.passed && Boolean(kept.answer || kept.hints || kept.earlier);
      })
      .map((exercise) => ({ lesson, exercise })),
  );
