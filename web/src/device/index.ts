export type { Local, LocalSession, NewSession, OutboxEntry, Status, StatusWord } from "./view/device";
export { createLocal, type LocalHandle, type LocalOptions } from "./view/open";

import { browserOptions } from "../dashboard/browser";
import { createLocal } from "./view/open";
import type { Local } from "./view/device";

let made: Local | null = null;

/** The app's own, begun when it is first asked for anything. */
export const local: Local = new Proxy({} as Local, {
  get(_, property) {
    made ??= createLocal(browserOptions());
    return Reflect.get(made, property) as unknown;
  },
});
