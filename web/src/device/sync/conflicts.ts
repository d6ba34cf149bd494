import type { SessionConflict } from "./shownSessions";
import type { TemplateConflict } from "./shownTemplates";

/** Something of which this device and somebody else want different things. */
export type Conflict = TemplateConflict | SessionConflict;
