/** English, and by its shape what every language has to say. One folder of the app, one part here. */
import { enAgain } from "./en/again";
import { enCases } from "./en/cases";
import { enComparison } from "./en/comparison";
import { enDashboard } from "./en/dashboard";
import { enDebrief } from "./en/debrief";
import { enEditor } from "./en/editor";
import { enGivenHomework } from "./en/givenHomework";
import { enHalls } from "./en/halls";
import { enGoingOut } from "./en/goingOut";
import { enImports } from "./en/imports";
import { enPreview } from "./en/preview";
import { enDevice } from "./en/device";
import { enMarks } from "./en/marks";
import { enKeeping } from "./en/keeping";
import { enPeople } from "./en/people";
import { enTrainees, type Texts } from "./en/trainees";
import { enWall } from "./en/wall";
import { enRecorded } from "./en/recorded";

export const en = {
  ...enTrainees,
  preview: enPreview,
  marks: enMarks,
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
  homework: { ...enTrainees.homework, ...enGivenHomework },
  keeping: { ...enTrainees.keeping, ...enKeeping },
  goingOut: enGoingOut,
  comparison: enComparison,
  imports: enImports,
};

export type Messages = Texts<typeof en>;
