import { describe, expect, it } from "vitest";
import { changed, leadingTo, type Change } from "../../../src/dashboard/editor/changes";
import type { CaseDraft } from "../../../src/dashboard/editor/draft";
import { did, historyOf, mapped, MOST_UNDONE, redone, undone } from "../../../src/dashboard/editor/history";
import { blankCase, freshKey, stepKeys } from "../../../src/dashboard/editor/parts";
import { faultsOf } from "../../../src/dashboard/editor/whole";

/** Small and repeatable: the same numbers for the same seed. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state * 1664525 + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

function drawn(draft: CaseDraft, roll: (sides: number) => number): Change {
  const { steps, checklist, targets } = draft;
  const key = steps[roll(Math.max(1, steps.length))]?.key ?? "none";
  const to = steps[roll(Math.max(1, steps.length))]?.key ?? null;
  const item = checklist[roll(Math.max(1, checklist.length))]?.key ?? "none";
  const changes: Change[] = [
    { type: "case", fields: { title: `Title ${roll(5)}` } },
    { type: "case", fields: { vitals: { heart_rate: 60 + roll(40) } } },
    { type: "insert_step", at: roll(steps.length + 2) },
    { type: "insert_step", at: roll(steps.length + 2) },
    { type: "duplicate_step", key, title: "Again" },
    { type: "move_step", key, to: roll(steps.length + 2) - 1 },
    { type: "remove_step", key },
    { type: "step", key, fields: { title: `Step ${roll(9)}`, vitals: { spo2: 80 + roll(20) } } },
    { type: "add_way", key, way: { to, label: null, automatic: roll(2) === 0, on: { after: 1 + roll(90) } } },
    { type: "way", key, place: roll(3), fields: { to } },
    { type: "move_way", key, place: roll(3), to: roll(3) },
    { type: "remove_way", key, place: roll(3) },
    { type: "insert_item", at: roll(checklist.length + 1) },
    { type: "move_item", key: item, to: roll(3) },
    { type: "remove_item", key: item },
    { type: "item", key: item, fields: { text: `Item ${roll(9)}`, critical: roll(2) === 0 } },
    { type: "add_target", target: { marker: "help", from: "start", seconds: 60 + roll(60) } },
    { type: "target", place: roll(Math.max(1, targets.length)), fields: { seconds: 30 + roll(600) } },
    { type: "remove_target", place: roll(3) },
  ];
  return changes[roll(changes.length)]!;
}

describe("whatever is done to a case", () => {
  it.each(Array.from({ length: 40 }, (_, seed) => seed))("can be taken back and done again, seed %i", (seed) => {
    const roll = dice(seed);
    const states: CaseDraft[] = [blankCase("en")];
    let history = historyOf(states[0]!);
    for (let count = 0; count < 60; count++) {
      const before = history;
      history = did(history, changed(history.now, drawn(history.now, roll)), null, count);
      if (history !== before) states.push(history.now);
      if (roll(8) === 0 && states.length > 1) {
        history = undone(history);
        states.pop();
        expect(history.now).toEqual(states.at(-1));
      }
    }
    const [end, left] = [history.now, history.future.length];
    for (let count = states.length - 1; count > 0; count--) history = undone(history);
    expect(history.now).toEqual(states[0]);
    expect(undone(history)).toBe(history);
    for (let count = states.length - 1; count > 0; count--) history = redone(history);
    expect(history.now).toEqual(end);
    expect(history.future).toHaveLength(left);
  });

  it.each(Array.from({ length: 40 }, (_, seed) => seed + 100))("keeps every key for itself, and every step its own, seed %i", (seed) => {
    const roll = dice(seed);
    let draft = blankCase("en");
    for (let count = 0; count < 80; count++) {
      const before = draft;
      const frozen = JSON.stringify(before);
      const change = drawn(draft, roll);
      draft = changed(draft, change);
      // What was there before is as it was: an undo depends on it.
      expect(JSON.stringify(before)).toBe(frozen);
      const keys = draft.steps.map(({ key }) => key);
      expect(new Set(keys).size).toBe(keys.length);
      const items = draft.checklist.map(({ key }) => key);
      expect(new Set(items).size).toBe(items.length);
      if (change.type === "move_step")
        expect([...keys].sort()).toEqual(before.steps.map(({ key }) => key).sort());
      // A key that a way still names is given to no other step.
      const named = before.steps.flatMap(({ transitions }) => transitions.map(({ to }) => to));
      const added = keys.filter((key) => !before.steps.some((step) => step.key === key));
      if (change.type === "insert_step" || change.type === "duplicate_step") for (const key of added) expect(named).not.toContain(key);
    }
  });
});

describe("a step that is removed", () => {
  it("leaves the ways that led to it, which are told and are an error until they lead elsewhere", () => {
    let draft = blankCase("en");
    for (const at of [0, 1, 2]) draft = changed(draft, { type: "insert_step", at });
    const [one, two, three] = draft.steps.map(({ key }) => key) as [string, string, string];
    for (const key of [one, two, three]) draft = changed(draft, { type: "step", key, fields: { title: key } });
    draft = changed(draft, { type: "case", fields: { title: "A case" } });
    draft = changed(draft, { type: "add_way", key: one, way: { to: three, label: null, automatic: true, on: { after: 60 } } });
    expect(leadingTo(draft.steps, three)).toEqual([one]);
    draft = changed(draft, { type: "remove_step", key: three });
    expect(faultsOf(draft)[0]).toMatchObject({ field: "steps.0.transitions.0.to", code: "no_such_step" });
    draft = changed(draft, { type: "insert_step", at: 2 });
    expect(draft.steps.at(-1)!.key).toBe("step_4");
    draft = changed(draft, { type: "way", key: one, place: 0, fields: { to: two } });
    expect(faultsOf(draft).some(({ code }) => code === "no_such_step")).toBe(false);
  });
});

describe("keys", () => {
  it("are counted on, beside keys of other kinds", () => {
    expect(freshKey("step", [])).toBe("step_1");
    expect(freshKey("step", ["shock", "step_2", "step_x", "step_11"])).toBe("step_12");
    expect(stepKeys(blankCase("en"))).toEqual([]);
  });
});

describe("typing", () => {
  const title = (text: string) => ({ ...blankCase("en"), title: text });

  it("is one change for one field, until it rests or another field comes", () => {
    let history = historyOf(title(""));
    for (const [place, text] of ["S", "Se", "Sep"].entries()) history = did(history, title(text), "title", place * 500);
    expect(history.past).toHaveLength(1);
    history = did(history, title("Sepsi"), "title", 9000);
    expect(history.past).toHaveLength(2);
    history = did(history, { ...title("Sepsi"), description: "A" }, "description", 9100);
    expect(history.past).toHaveLength(3);
    expect(undone(undone(undone(history))).now.title).toBe("");
  });

  it("that changes nothing is no change, and the oldest is forgotten at the bound", () => {
    let history = historyOf(title(""));
    expect(did(history, title(""), null, 0)).toBe(history);
    for (let count = 0; count <= MOST_UNDONE + 20; count++) history = did(history, title(String(count)), null, count);
    expect(history.past).toHaveLength(MOST_UNDONE);
  });

  it("on another ground keeps what came from there", () => {
    let history = did(historyOf(title("Mine")), { ...title("Mine"), description: "A" }, null, 0);
    history = mapped(history, (draft) => ({ ...draft, duration_minutes: 30 }));
    expect(undone(history).now).toMatchObject({ description: "", duration_minutes: 30 });
  });
});
