/** English, and by its shape what every language has to say. One folder of the app, one part here. */
import { common } from "./en/common";
import { dashboard } from "./en/dashboard";
import { join } from "./en/join";
import { local } from "./en/device";
import { monitor } from "./en/monitor";

export const en = { common, join, monitor, dashboard, local };

type Texts<T> = { [K in keyof T]: T[K] extends string ? string : Texts<T[K]> };
export type Messages = Texts<typeof en>;
