import type { TraineeMessages } from "../en/trainees";
import { frCommon } from "./common";
import { frHomework } from "./homework";
import { frJoin } from "./join";
import { frJoinKeeping } from "./joinKeeping";
import { frMonitor } from "./monitor";
import { frWords } from "./words";

export const frTrainees: TraineeMessages = {
  common: frCommon,
  join: frJoin,
  words: frWords,
  monitor: frMonitor,
  homework: frHomework,
  keeping: frJoinKeeping,
};
