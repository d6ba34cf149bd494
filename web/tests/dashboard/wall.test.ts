import { computed, signal } from "@preact/signals";
import { describe, expect, it } from "vitest";
import { plan, type Command, type Steerable } from "../../src/dashboard/wall/commands";
import { gridOf, placeAfter } from "../../src/dashboard/wall/grid";
import { ChosenSessions, LEAVES_AFTER, listed, RoomsShown } from "../../src/dashboard/wall/roomsShown";
import { Sent } from "../../src/dashboard/wall/sent";
import { START_VALUES } from "../../src/patient/signs";
import type { TemplateStep } from "../../src/wire/types";
import { aSession, FakeDevice, NOON, TRAINER } from "./fakeDevice";
import { until } from "../until";

const STEP: TemplateStep = {
  key: "worse", title: "Worse", vitals: { heart_rate: 140 }, rhythm: null, flags: {}, ramp_seconds: 0, note: "", at_seconds: null, transitions: [],
}; // prettier-ignore

function aRoom(part: Partial<Steerable> = {}): Steerable {
  return {
    id: "a", relation: "owner", isOver: false, isElsewhere: false, values: START_VALUES, steps: [STEP], next: 0,
    isStarted: false, isPaused: false, ...part,
  }; // prettier-ignore
}

const told = (command: Command, part: Partial<Steerable> = {}) => {
  const [line] = plan(command, [aRoom(part)]);
  return line !== undefined && "deed" in line ? line.deed.kind : line?.reason;
};

describe("what one command does in each session", () => {
  it("goes where it makes sense, and says why it does not go elsewhere", () => {
    expect(told({ kind: "start" })).toBe("control");
    expect(told({ kind: "start" }, { isStarted: true })).toBe("started");
    expect(told({ kind: "pause" }, { isPaused: true })).toBe("paused");
    expect(told({ kind: "resume" })).toBe("running");
    expect(told({ kind: "step" })).toBe("step");
    expect(told({ kind: "step" }, { steps: [], next: null })).toBe("no_steps");
    expect(told({ kind: "step" }, { next: null })).toBe("through");
  });

  it("goes nowhere that one may not steer", () => {
    for (const kind of ["start", "pause", "resume", "step"] as const) {
      expect(told({ kind }, { isOver: true })).toBe("over");
      expect(told({ kind }, { isElsewhere: true })).toBe("elsewhere");
      expect(told({ kind }, { relation: "observer" })).toBe("observer");
      expect(told({ kind }, { relation: "trainer" })).toBe("colleague");
      expect(told({ kind }, { relation: "admin", isPaused: kind === "resume" })).not.toBe("colleague");
    }
  });

  it("asks each patient for what is not so there already, with what a rhythm brings", () => {
    const arrest: Command = { kind: "send", changes: [{ type: "rhythm", rhythm: "ventricular_fibrillation" }], ramp_seconds: 0 };
    const [first, second] = plan(arrest, [aRoom(), aRoom({ id: "b", values: { ...START_VALUES, rhythm: "ventricular_fibrillation" } })]);
    expect(first).toMatchObject({ id: "a", deed: { kind: "push", patch: { rhythm: "ventricular_fibrillation" } } });
    expect(second).toEqual({ id: "b", reason: "same" });
  });

  it("sends no pressures that the server would refuse in one of them", () => {
    const low: Command = { kind: "send", changes: [{ type: "sign", name: "systolic", value: 70 }], ramp_seconds: 0 };
    expect(told(low)).toBe("pressure");
    expect(told(low, { values: { ...START_VALUES, diastolic: 40 } })).toBe("push");
  });
});

describe("what became of it", () => {
  it("is told session by session: on its way, confirmed, refused, left out", async () => {
    const device = new FakeDevice({ sessions: [aSession({ id: "a" }), aSession({ id: "b" })] });
    const sent = new Sent(device);
    const deed = { kind: "step", step: STEP, place: 0 } as const;
    sent.send("step", [
      { id: "a", room: "A", what: "Worse", deed },
      { id: "b", room: "B", what: "Worse", deed },
      { id: "c", room: "C", what: "", reason: "through" },
    ]);
    const fates = () => sent.lines.value.map(({ fate }) => fate.kind);
    expect(fates()).toEqual(["waits", "waits", "left_out"]);
    await until(() => expect(device.entries.value).toHaveLength(2));
    expect(device.entries.value.map((entry) => entry.entity.id)).toEqual(["a", "b"]);
    // One is taken, the other is not.
    const [first, second] = device.entries.value;
    device.entries.value = [first!];
    device.confirm();
    device.entries.value = [{ ...second!, state: "rejected", refusal: { code: "session_closed", detail: "over" } }];
    await until(() => expect(fates()).toEqual(["done", "refused", "left_out"]));
    sent.forget();
    expect(sent.lines.value).toEqual([]);
  });
});

describe("the sessions that are shown", () => {
  const settled = (sessions: ReturnType<typeof aSession>[]) => {
    const all = signal(sessions);
    const heard: string[] = [];
    const due: (() => void)[] = [];
    const choice = new ChosenSessions();
    const shown = new RoomsShown({
      sessions: all,
      me: computed(() => TRAINER),
      now: signal(NOON),
      choice,
      after: (ms, then) => {
        expect(ms).toBe(LEAVES_AFTER);
        due.push(then);
        return () => {};
      },
      came: ({ id }) => heard.push(`+${id}`),
      left: ({ id }) => heard.push(`-${id}`),
    });
    return { all, heard, due, choice, shown, stop: shown.start() };
  };
  const opened = (id: string, minute: number, part = {}) =>
    aSession({ id, created_at: new Date(NOON - 60_000 * (60 - minute)).toISOString(), ...part });

  it("stand in the order in which they were opened, and a new one comes last", () => {
    const { all, heard, shown } = settled([opened("late", 2), opened("early", 1)]);
    expect(listed(shown.ids.value)).toEqual(["early", "late"]);
    all.value = [...all.value, opened("new", 3)];
    expect(listed(shown.ids.value)).toEqual(["early", "late", "new"]);
    expect(heard).toEqual(["+new"]);
  });

  it("leave with a word, and not at once", () => {
    const { all, heard, due, shown } = settled([opened("a", 1), opened("b", 2)]);
    all.value = [opened("a", 1, { closed_at: new Date(NOON).toISOString(), close_reason: "closed" }), opened("b", 2)];
    expect(heard).toEqual(["-a"]);
    expect([listed(shown.ids.value), shown.isLeaving("a"), shown.openCount.value]).toEqual([["a", "b"], true, 1]);
    due[0]?.();
    expect(listed(shown.ids.value)).toEqual(["b"]);
  });

  it("are all, one's own, or those that were chosen", () => {
    const { choice, shown } = settled([
      opened("mine", 1),
      opened("shared", 2, { trainer_id: "bea", co_trainer_ids: [TRAINER.id] }),
      opened("bea's", 3, { trainer_id: "bea" }),
    ]);
    choice.hung.value = "mine";
    expect(listed(shown.ids.value)).toEqual(["mine", "shared"]);
    choice.toggle("bea's");
    choice.hung.value = "chosen";
    expect(listed(shown.ids.value)).toEqual(["bea's"]);
  });
});

describe("the grid", () => {
  it("has twelve in sight on a laptop and thirty on a large screen", () => {
    expect(gridOf(12, 1256, 590, 8)).toEqual({ columns: 4, rowHeight: 191 });
    expect(gridOf(30, 3816, 2040, 8)).toMatchObject({ columns: 6 });
  });

  it("scrolls where they could not be read, and on a telephone stands in one column", () => {
    const { columns, rowHeight } = gridOf(30, 1256, 590, 8);
    expect(columns).toBe(4);
    expect(rowHeight).toBeGreaterThanOrEqual(176);
    expect(gridOf(5, 366, 0, 8)).toMatchObject({ columns: 1 });
  });

  it("is walked by the arrows, and left by none", () => {
    const from = (key: string, place: number) => placeAfter(key, place, 10, 4);
    expect([from("ArrowRight", 3), from("ArrowDown", 3), from("ArrowUp", 3), from("ArrowLeft", 0)]).toEqual([4, 7, null, null]);
    expect([from("ArrowDown", 7), from("End", 2), from("Home", 9), from("a", 2)]).toEqual([null, 9, 0, null]);
  });
});
