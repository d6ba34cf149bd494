import type { Messages } from "./en";
import { frCases } from "./fr/cases";
import { frCommon } from "./fr/common";
import { frDashboard } from "./fr/dashboard";
import { frHalls } from "./fr/halls";
import { frImports } from "./fr/imports";
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
  imports: frImports,
};
