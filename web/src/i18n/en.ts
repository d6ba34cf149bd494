/** English, and by its shape what every language has to say. One folder of the app, one part here. */
import { enAgain } from "./en/again";
import { enCases } from "./en/cases";
import { enCommon } from "./en/common";
import { enComparison } from "./en/comparison";
import { enDashboard } from "./en/dashboard";
import { enDebrief } from "./en/debrief";
import { enEditor } from "./en/editor";
import { enHalls } from "./en/halls";
import { enGoingOut } from "./en/goingOut";
import { enHomework } from "./en/homework";
import { enImports } from "./en/imports";
import { enJoin } from "./en/join";
import { enPreview } from "./en/preview";
import { enDevice } from "./en/device";
import { enMarks } from "./en/marks";
import { enKeeping } from "./en/keeping";
import { enMonitor } from "./en/monitor";
import { enPeople } from "./en/people";
import { enWall } from "./en/wall";
import { enWords } from "./en/words";
import { enRecorded } from "./en/recorded";

export const en = {
  common: enCommon,
  join: enJoin,
  preview: enPreview,
  marks: enMarks,
  words: enWords,
  monitor: enMonitor,
  dashboard: enDashboard,
  again: enAgain,
  debrief: enDebrief,
  cases: enCases,
  device: enDevice,
  halls: enHalls,
  people: enPeople,
  wall: enWall,
  recorded: enRecorded,
  editor: enEditor,
  homework: enHomework,
  keeping: enKeeping,
  goingOut: enGoingOut,
  comparison: enComparison,
  imports: enImports,
};

type Texts<T> = { [K in keyof T]: T[K] extends string ? string : Texts<T[K]> };
export type Messages = Texts<typeof en>;
