import { describe, expect, it } from "vitest";
import { invitable, trainersOf, turnOf } from "../../src/dashboard/room/people/trainers";
import { invitationOf, stillRead } from "../../src/dashboard/shell/invitation";
import type { KnownColleague } from "../../src/wire/sync";
import { aSession, NOON, TRAINER } from "./fakeDevice";

const COLLEAGUES: KnownColleague[] = [
  { id: "ana", name: "Ana", role: "trainer" },
  { id: "ben", name: "Ben", role: "admin" },
  { id: TRAINER.id, name: TRAINER.name, role: "trainer" },
  { id: "olga", name: "Olga", role: "observer" },
];

describe("the trainers of a session", () => {
  it("are its owner, those who steer it, and whoever else looks at it", () => {
    const session = aSession({ trainer_id: "ana", co_trainer_ids: [TRAINER.id, "gone"] });
    const people = trainersOf({ session, colleagues: COLLEAGUES, watching: [TRAINER.id, "olga", "stranger"], me: TRAINER });
    expect(people.map(({ id, name, part, isHere }) => [id, name, part, isHere])).toEqual([
      ["ana", "Ana", "owner", false],
      [TRAINER.id, TRAINER.name, "co_trainer", true],
      ["gone", null, "co_trainer", false],
      ["olga", "Olga", "watching", true],
    ]);
  });

  it("may be joined by whoever steers at all and does not yet", () => {
    const session = aSession({ trainer_id: TRAINER.id, co_trainer_ids: ["ana"] });
    expect(invitable(session, COLLEAGUES).map(({ id }) => id)).toEqual(["ben"]);
  });

  it("notice when the controls are given to them or taken away, and not what was so from the start", () => {
    expect(turnOf("trainer", "co_trainer")).toBe("let_in");
    expect(turnOf("co_trainer", "trainer")).toBe("let_off");
    expect([turnOf(null, "co_trainer"), turnOf("owner", "owner"), turnOf("co_trainer", null)]).toEqual([null, null, null]);
  });
});

describe("an invitation", () => {
  const me = TRAINER;
  const shared = aSession({ id: "shared", trainer_id: "ana", co_trainer_ids: [me.id] });
  it("is told until it was read, and of no session that is over or one's own", () => {
    const about = (sessions: (typeof shared)[], read: string[] = []) => invitationOf({ sessions, me, read, now: NOON })?.id ?? null;
    expect(about([shared])).toBe("shared");
    expect(about([shared], ["shared"])).toBeNull();
    expect(about([{ ...shared, closed_at: new Date(NOON).toISOString() }])).toBeNull();
    expect(about([aSession({ trainer_id: me.id, co_trainer_ids: [me.id] })])).toBeNull();
    expect(about([aSession({ trainer_id: "ana" })])).toBeNull();
  });

  it("is told anew to whoever was let off meanwhile", () => {
    const letOff = { ...shared, co_trainer_ids: [] };
    expect(stillRead(["shared", "not here"], [shared], me)).toEqual(["shared", "not here"]);
    expect(stillRead(["shared", "not here"], [letOff], me)).toEqual(["not here"]);
  });

  it("means nothing to somebody who only watches by now", () => {
    expect(invitationOf({ sessions: [shared], me: { ...me, role: "observer" }, read: [], now: NOON })).toBeNull();
  });
});
