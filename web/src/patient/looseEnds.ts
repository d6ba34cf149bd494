import type { TemplateStep } from "../wire/types";

/** Nothing that forbids a case, but maybe not meant: places of steps that nothing leads to, or nothing leads out of. */
export interface LooseEnds {
  /** By their keys: to which steps something leads. */
  reached: ReadonlySet<string>;
  unreachable: number[];
  /** Not the last one, at which a case may stand. */
  stuck: number[];
}

/** Null of a case without any transition: it is moved by hand, and nothing is amiss with it. */
export function looseEnds(steps: readonly Pick<TemplateStep, "key" | "transitions">[]): LooseEnds | null {
  if (steps.every(({ transitions }) => transitions.length === 0)) return null;
  const byKey = new Map(steps.map((step) => [step.key, step]));
  const reached = new Set(steps.slice(0, 1).map(({ key }) => key));
  // A set goes on with what is added to it meanwhile.
  for (const key of reached) for (const { to } of byKey.get(key)?.transitions ?? []) if (to !== null) reached.add(to);
  const places = [...steps.keys()];
  return {
    reached,
    unreachable: places.filter((place) => !reached.has(steps[place]!.key)),
    stuck: places.slice(0, -1).filter((place) => steps[place]!.transitions.length === 0),
  };
}
