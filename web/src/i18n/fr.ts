import type { Messages } from "./en";
import { frAgain } from "./fr/again";
import { frCases } from "./fr/cases";
import { frCommon } from "./fr/common";
import { frComparison } from "./fr/comparison";
import { frDashboard } from "./fr/dashboard";
import { frDebrief } from "./fr/debrief";
import { frEditor } from "./fr/editor";
import { frHalls } from "./fr/halls";
import { frGoingOut } from "./fr/goingOut";
import { frHomework } from "./fr/homework";
import { frImports } from "./fr/imports";
import { frJoin } from "./fr/join";
import { frPreview } from "./fr/preview";
import { frDevice } from "./fr/device";
import { frMarks } from "./fr/marks";
import { frKeeping } from "./fr/keeping";
import { frMonitor } from "./fr/monitor";
import { frPeople } from "./fr/people";
import { frWall } from "./fr/wall";
import { frWords } from "./fr/words";
import { frRecorded } from "./fr/recorded";

export const fr: Messages = {
  common: frCommon,
  join: frJoin,
  preview: frPreview,
  marks: frMarks,
  words: frWords,
  monitor: frMonitor,
  dashboard: frDashboard,
  again: frAgain,
  debrief: frDebrief,
  cases: frCases,
  device: frDevice,
  halls: frHalls,
  people: frPeople,
  wall: frWall,
  recorded: frRecorded,
  editor: frEditor,
  homework: frHomework,
  keeping: frKeeping,
  goingOut: frGoingOut,
  comparison: frComparison,
  imports: frImports,
};
