import type { Messages } from "./en";
import { common } from "./fr/common";
import { dashboard } from "./fr/dashboard";
import { join } from "./fr/join";
import { local } from "./fr/device";
import { monitor } from "./fr/monitor";

export const fr: Messages = { common, join, monitor, dashboard, local };
