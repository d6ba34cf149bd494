import { handOver } from "../download/handOver";
import { TEMPLATE_FIELDS, type TemplateContent } from "../../device/sync/edit";

/** A case as a file, as the server writes it (`server/domain/case_file.py`): here it needs no network. */
export interface CaseFile {
  format: "shiller.case";
  version: 1;
  template: TemplateContent;
}

const LONGEST_STEM = 60;

export function caseFileOf(template: TemplateContent): CaseFile {
  const parts = TEMPLATE_FIELDS.map((field) => [field, template[field]]);
  return { format: "shiller.case", version: 1, template: Object.fromEntries(parts) as TemplateContent };
}

/** What every file system takes. */
export function caseFileName(title: string): string {
  // An accent becomes a character of its own, which is none of these.
  const plain = title.normalize("NFKD").replaceAll(/[\u0080-\u{10ffff}]/gu, "").toLowerCase();
  const stem = (plain.match(/[a-z0-9]+/g) ?? []).join("-").slice(0, LONGEST_STEM).replace(/-$/, "");
  return `shiller-${stem === "" ? "case" : stem}.json`;
}

export function downloadCase(template: TemplateContent): void {
  const text = `${JSON.stringify(caseFileOf(template), null, 2)}\n`;
  handOver({ name: caseFileName(template.title), content: new Blob([text], { type: "application/json" }) });
}
