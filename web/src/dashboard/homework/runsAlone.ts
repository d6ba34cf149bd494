import type { Template } from "../../wire/types";

/** What only a trainer sees is never done by a trainee: a case that waits for it alone stands still. */
const SEEN_BY_TRAINERS = "rosc";

/** Whether a case leaves its first step with no trainer there: else the server takes it for no homework. */
export function runsAlone({ steps }: Pick<Template, "steps">): boolean {
  return (steps[0]?.transitions ?? []).some(({ automatic, on }) => {
    if (automatic !== true || "manual" in on) return false;
    return !("marker" in on) || on.marker !== SEEN_BY_TRAINERS;
  });
}
