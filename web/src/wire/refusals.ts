import { REFUSALS } from "../generated/catalogue";
import type { FieldErrorAnswer, ImportEntryAnswer, RefusalCode as ServerCode } from "../generated/wire";

/**
 * Ours, beside the server's:
 * - `network`: nothing came back, or something between here and the server answered in its place.
 * - `timeout`: sent, and no answer in time; it may have been done.
 * - `strange_answer`: an answer that this build does not know.
 * - `device_full`, `device_storage`: this device could not keep what it was to send.
 */
const OWN_CODES = ["network", "timeout", "strange_answer", "device_full", "device_storage"] as const;

export type KnownCode = ServerCode | (typeof OWN_CODES)[number];

export interface Refusal {
  code: KnownCode;
  /** The server's own words, in English. */
  detail: string;
  errors?: FieldErrorAnswer[];
  /** Of a file of cases: why nothing could be taken of it, by codes. */
  report?: ImportEntryAnswer[];
  /** Seconds. */
  retry_after?: number;
  /** Of a session that is over: the code of the one in which it goes on. */
  moved_to?: string;
}

export const REFUSAL_CODES: readonly KnownCode[] = [...(Object.keys(REFUSALS) as ServerCode[]), ...OWN_CODES];

/** What came in as a code, at the edge: a newer server may have codes that this build has no rule for. */
export function knownCode(said: unknown): KnownCode {
  return typeof said === "string" && isOfServer(said) ? said : "strange_answer";
}

/** Whether the very same message, sent again in a moment, may well be taken: the server was reached and could not. */
export function passesByItself(code: KnownCode): boolean {
  return isOfServer(code) && REFUSALS[code].passes;
}

function isOfServer(code: string): code is ServerCode {
  return Object.hasOwn(REFUSALS, code);
}
