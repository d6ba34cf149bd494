import type { Rhythm } from "../../wire/types";
import { counting } from "../fmt";
import { clockAt, type CaseTime } from "../room/case/caseTime";
import { rhythmName } from "../words";

/** 12:40 on the clock of the case, or since the opening of a session whose case was not started; −0:30 before it. */
export function caseClock(time: CaseTime, at: number): string {
  const seconds = clockAt(time, at);
  return seconds < 0 ? `−${counting(Math.ceil(-seconds))}` : counting(seconds);
}

/** 12 min 40: the same letters in French and English. */
export function spokenClock(time: CaseTime, at: number): string {
  const seconds = clockAt(time, at);
  const whole = Math.floor(Math.abs(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const words = hours > 0 ? `${hours} h ${minutes} min ${rest}` : minutes > 0 ? `${minutes} min ${rest}` : `${rest} s`;
  return seconds < 0 && whole > 0 ? `−${words}` : words;
}

/** In the middle of a sentence; what is written in capitals stays so. */
export function rhythmInSentence(rhythm: Rhythm): string {
  const name = rhythmName(rhythm);
  const [first = "", second = ""] = name;
  return second === second.toLowerCase() ? first.toLowerCase() + name.slice(1) : name;
}
