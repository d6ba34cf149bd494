import { SIGNS, SIGN_NAMES } from "../../../patient/signs";
import type { SignName } from "../../../wire/types";

/** One tap, a big tap, a page key: what a clinician means by "a little" and "a lot" of each sign. */
export interface Stepping {
  small: number;
  big: number;
  page: number;
}

const WHOLE: Stepping = { small: 1, big: 5, page: 10 };

export const STEPPINGS: Record<SignName, Stepping> = {
  ...(Object.fromEntries(SIGN_NAMES.map((name) => [name, WHOLE])) as Record<SignName, Stepping>),
  spo2: { small: 1, big: 5, page: 5 },
  respiratory_rate: { small: 1, big: 5, page: 5 },
  temperature: { small: 0.1, big: 0.5, page: 1 },
};

/** How far a key moves a sign; null for a key that moves nothing. Home and End belong to the text. */
export function moveOf(key: string, name: SignName): number | null {
  const { small, page } = STEPPINGS[name];
  switch (key) {
    case "ArrowUp":
    case "ArrowRight":
      return small;
    case "ArrowDown":
    case "ArrowLeft":
      return -small;
    case "PageUp":
      return page;
    case "PageDown":
      return -page;
    default:
      return null;
  }
}

/** A typed number, with a point or a comma; null if it is none. It is brought into the sign's range later. */
export function readTyped(text: string, name: SignName): number | null {
  const plain = text.trim().replace(",", ".").replace("−", "-");
  if (!/^-?\d+(\.\d+)?$/.test(plain)) return null;
  const value = Number(plain);
  return Number.isFinite(value) ? Math.max(SIGNS[name].min, Math.min(SIGNS[name].max, value)) : null;
}
