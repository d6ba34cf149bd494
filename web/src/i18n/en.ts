/** English, and by its shape what every language has to say. One folder of the app, one part here. */
import { enCases } from "./en/cases";
import { enCommon } from "./en/common";
import { enDashboard } from "./en/dashboard";
import { enHalls } from "./en/halls";
import { enImports } from "./en/imports";
import { enJoin } from "./en/join";
import { enDevice } from "./en/device";
import { enMonitor } from "./en/monitor";

export const en = {
  common: enCommon,
  join: enJoin,
  monitor: enMonitor,
  dashboard: enDashboard,
  cases: enCases,
  device: enDevice,
  halls: enHalls,
  imports: enImports,
};

type Texts<T> = { [K in keyof T]: T[K] extends string ? string : Texts<T[K]> };
export type Messages = Texts<typeof en>;
