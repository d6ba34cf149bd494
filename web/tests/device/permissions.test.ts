import { describe, expect, it } from "vitest";
import { may, mayInSchool, mayMake, relationTo, type PermittedAction, type Relation } from "../../src/device/permissions";
import { PERMISSIONS } from "../../src/generated/catalogue";
import type { Trainer } from "../../src/wire/types";
import file from "../../../tests/vectors/relations.json";

type Vector = { name: string; trainer: Pick<Trainer, "id" | "role" | "school_id">; relation: Relation | null };

const SESSION = { school_id: "s", trainer_id: "owner", co_trainer_ids: ["helper"] };
const person = (id: string, role: Trainer["role"] = "trainer", school_id = "s"): Trainer => ({
  id, role, school_id, email: "", name: id, created_at: "", updated_at: "", deleted_at: null, version: 1,
});

describe("what somebody is to a session, by the vectors that the server is held to as well", () => {
  const vectors = file.vectors as Vector[];
  it.each(vectors)("$name", ({ trainer, relation }) => {
    expect(relationTo(file.session, person(trainer.id, trainer.role, trainer.school_id))).toBe(relation);
  });
});

describe("who may do what", () => {
  it("is the server's table, line by line", () => {
    const people = { owner: person("owner"), co_trainer: person("helper"), admin: person("chief", "admin"),
      trainer: person("other"), observer: person("other", "observer") }; // prettier-ignore
    for (const action of Object.keys(PERMISSIONS) as PermittedAction[])
      for (const [relation, me] of Object.entries(people))
        expect(may(action, SESSION, me), `${relation}: ${action}`).toBe((PERMISSIONS[action] as readonly string[]).includes(relation));
  });

  it("is nothing in another school", () => {
    for (const action of Object.keys(PERMISSIONS) as PermittedAction[])
      expect(may(action, SESSION, person("owner", "admin", "another"))).toBe(false);
  });

  it("lets a colleague note and take the controls, and not push", () => {
    const me = person("other");
    expect(["push_vitals", "add_note", "add_marker", "take_controls"].map((one) => may(one as PermittedAction, SESSION, me)))
      .toEqual([false, true, true, true]);
    expect(may("push_vitals", { ...SESSION, co_trainer_ids: ["helper", "other"] }, me)).toBe(true);
  });

  it("lets an observer open nothing", () => {
    expect(mayInSchool("open_session", person("other", "observer"))).toBe(false);
    expect(mayMake("session:open", undefined, person("other", "observer"))).toBe(false);
    expect(mayMake("session:open", undefined, person("other"))).toBe(true);
  });

  it("leaves to the server what this device does not know", () => {
    expect(mayMake("vitals:push", undefined, person("other"))).toBe(true);
    expect(mayMake("vitals:push", SESSION, person("other"))).toBe(false);
    expect(mayMake("note:add", SESSION, person("other"))).toBe(true);
    expect(mayMake("annotation:add", SESSION, person("other", "observer"))).toBe(true);
  });
});
