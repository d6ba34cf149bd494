/** What trainees read, in English; their page loads nothing else. By its shape what every language has to say. */
import { enCommon } from "./common";
import { enHomework } from "./homework";
import { enJoin } from "./join";
import { enJoinKeeping } from "./joinKeeping";
import { enMonitor } from "./monitor";
import { enWords } from "./words";

export const enTrainees = {
  common: enCommon,
  join: enJoin,
  words: enWords,
  monitor: enMonitor,
  homework: enHomework,
  keeping: enJoinKeeping,
};

export type Texts<T> = { [K in keyof T]: T[K] extends string ? string : Texts<T[K]> };
export type TraineeMessages = Texts<typeof enTrainees>;
