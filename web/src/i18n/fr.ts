import type { Messages } from "./en";
import { frCases } from "./fr/cases";
import { frCommon } from "./fr/common";
import { frDashboard } from "./fr/dashboard";
import { frEditor } from "./fr/editor";
import { frHalls } from "./fr/halls";
import { frJoin } from "./fr/join";
import { frDevice } from "./fr/device";
import { frMonitor } from "./fr/monitor";

export const fr: Messages = {
  common: frCommon,
  join: frJoin,
  monitor: frMonitor,
  dashboard: frDashboard,
  cases: frCases,
  device: frDevice,
  halls: frHalls,
  editor: frEditor,
};
