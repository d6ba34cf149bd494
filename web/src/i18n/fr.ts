import type { Messages } from "./en";
import { frAgain } from "./fr/again";
import { frCases } from "./fr/cases";
import { frComparison } from "./fr/comparison";
import { frDashboard } from "./fr/dashboard";
import { frDebrief } from "./fr/debrief";
import { frEditor } from "./fr/editor";
import { frGivenHomework } from "./fr/givenHomework";
import { frHalls } from "./fr/halls";
import { frGoingOut } from "./fr/goingOut";
import { frImports } from "./fr/imports";
import { frPreview } from "./fr/preview";
import { frDevice } from "./fr/device";
import { frMarks } from "./fr/marks";
import { frKeeping } from "./fr/keeping";
import { frPeople } from "./fr/people";
import { frTrainees } from "./fr/trainees";
import { frWall } from "./fr/wall";
import { frRecorded } from "./fr/recorded";

export const fr: Messages = {
  ...frTrainees,
  preview: frPreview,
  marks: frMarks,
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
  homework: { ...frTrainees.homework, ...frGivenHomework },
  keeping: { ...frTrainees.keeping, ...frKeeping },
  goingOut: frGoingOut,
  comparison: frComparison,
  imports: frImports,
};
