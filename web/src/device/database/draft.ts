import type { Template } from "../../wire/types";
import type { TemplateContent } from "../sync/edit";

/** A case that somebody is writing on this device and has not saved: of this device alone, and never sent. */
export interface KeptDraft {
  template_id: string;
  /** The case that it was begun on, as it was then; null: a new one. */
  base: Template | null;
  /** The version in the server's log of `base`; 0: a new one, or not known here. */
  base_version: number;
  content: TemplateContent;
  /** Which page wrote it, so that it knows its own. */
  by: string;
  /** Milliseconds since the epoch, by this device. */
  kept_at: number;
}
