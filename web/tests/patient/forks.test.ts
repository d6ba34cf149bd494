import { describe, expect, it } from "vitest";
import { foldEvent } from "../../src/device/sync/merge";
import { advance, nextMove, progressOf } from "../../src/patient/moves";
import { START_VALUES } from "../../src/patient/signs";
import type { LastValues, SessionEvent, TemplateStep } from "../../src/wire/types";
import file from "../../../tests/vectors/forks.json";

interface Vector {
  case: string;
  steps: TemplateStep[];
  opens_with: SessionEvent[];
  last_values: LastValues;
  next: { at: string; to: string | null } | null;
}

describe("a session that goes on from another one, by the vectors that the server is held to as well", () => {
  it.each(file as unknown as Vector[])("$case", ({ steps, opens_with, last_values, next }) => {
    let [last, progress] = [START_VALUES, progressOf(START_VALUES, 0)];
    for (const event of opens_with) {
      last = foldEvent(last, event);
      const moments = { createdAt: Date.parse(event.created_at) };
      progress = advance(steps, progress, { ...event, ...moments }, last);
    }
    expect(last).toEqual(last_values);
    const move = nextMove(steps, progress);
    const told = move === null ? null : { at: new Date(move.at).toISOString(), to: move.transition.to };
    expect(told).toEqual(next);
  });
});
