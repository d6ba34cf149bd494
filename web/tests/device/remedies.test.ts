import { describe, expect, it } from "vitest";
import type { MutationKind, OutboxEntry } from "../../src/device/outbox/entry";
import { remediesOf, type Circumstances } from "../../src/device/outbox/remedies";
import { REFUSAL_CODES } from "../../src/wire/refusals";
import type { KnownCode, Trainer } from "../../src/wire/types";
import { ANNA } from "./support/server";

const OPEN = { school_id: ANNA.school_id, trainer_id: ANNA.id, co_trainer_ids: [], closed_at: null };
const ENDED = { ...OPEN, closed_at: "2026-11-21T12:00:00.000Z" };
const OBSERVER: Trainer = { ...ANNA, role: "observer" };

const BODIES: Partial<Record<MutationKind, object>> = {
  "vitals:push": { vitals: { heart_rate: 140 } },
  "note:add": { text: "Calls for help" },
  "annotation:add": { at: "2026-11-21T12:00:00.000Z", kind: "note", text: "Nobody leads" },
};

function made(kind: MutationKind, code: KnownCode, body: object = BODIES[kind] ?? {}): OutboxEntry {
  return {
    id: "1", position: 1, entity: { type: "session", id: "s" }, kind, body: { ...body }, author: ANNA.id, failures: 0,
    made_at: "2026-11-21T11:00:00.000Z", state: "rejected", refusal: { code, detail: "" },
  }; // prettier-ignore
}

function remedies(kind: MutationKind, code: KnownCode, part: Partial<Circumstances> = {}, body?: object) {
  return remediesOf(made(kind, code, body), { me: ANNA, session: OPEN, isPlausible: true, ...part });
}

describe("what can be made of a refused change", () => {
  it("of an ended session: a note can stand beside the record, nothing else can be done", () => {
    for (const code of ["session_closed", "session_expired"] as const) {
      expect(remedies("note:add", code, { session: ENDED })).toEqual(["annotate"]);
      expect(remedies("note:add", code, { session: ENDED }, { marker: "adrenaline" })).toEqual(["annotate"]);
      for (const kind of ["vitals:push", "case:control"] as const)
        expect(remedies(kind, code, { session: ENDED })).toEqual([]);
    }
  });

  it("that is not allowed: again once it is, and an observer's note beside the record", () => {
    expect(remedies("vitals:push", "forbidden", { session: { ...OPEN, trainer_id: "another" } })).toEqual([]);
    expect(remedies("vitals:push", "forbidden")).toEqual(["retry"]);
    expect(remedies("note:add", "forbidden", { me: OBSERVER })).toEqual(["annotate"]);
  });

  it("with values that cannot be: other ones, and the same only if they can be by now", () => {
    expect(remedies("vitals:push", "invalid_fields", { isPlausible: false })).toEqual(["edit"]);
    expect(remedies("vitals:push", "invalid_fields")).toEqual(["retry", "edit"]);
    expect(remedies("vitals:push", "invalid_fields", { session: ENDED, isPlausible: false })).toEqual([]);
    expect(remedies("note:add", "invalid_fields")).toEqual(["edit"]);
    expect(remedies("note:add", "too_large")).toEqual(["edit"]);
    expect(remedies("note:add", "conflict")).toEqual(["edit"]);
    expect(remedies("note:add", "invalid_fields", {}, { marker: "x" })).toEqual([]);
    expect(remedies("session:open", "invalid_fields")).toEqual([]);
  });

  it("is the same again only where the answer may be another one", () => {
    const again = REFUSAL_CODES.filter((code) => remedies("case:control", code).includes("retry"));
    expect(again.toSorted()).toEqual(
      [
        "device_full", "device_storage", "forbidden", "internal_error", "network", "rate_limited", "storage_unavailable",
        "strange_answer", "timeout", "unauthenticated", "version_mismatch",
      ].toSorted(), // prettier-ignore
    );
    for (const code of ["not_found", "invalid_body", "method_not_allowed", "unsupported_media_type"] as const)
      expect(remedies("vitals:push", code)).toEqual([]);
  });
});
