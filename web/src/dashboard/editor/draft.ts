import type { Template } from "../../wire/types";

export type CaseDraft = Pick<Template, 'title'|'public_title'|'description'|'language'|'duration_minutes'|'vitals'|'rhythm'|'flags'|'steps'|'limits'|'checklist'|'pass_percent'|'targets'>;
