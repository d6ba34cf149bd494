export type { Local, LocalSession, NewSession, OutboxEntry, Status, StatusWord } from "./types";
export { createLocal, type LocalHandle, type LocalOptions } from "./create";

import { browserOptions } from "./browser";
import { createLocal } from "./create";
import type { Local } from "./types";

let made: Local | null = null;

/** The app's own, begun when it is first asked for anything. */
export const local: Local = new Proxy({} as Local, {
  get(_, property) {
    made ??= createLocal(browserOptions());
    return Reflect.get(made, property) as unknown;
  },
});
