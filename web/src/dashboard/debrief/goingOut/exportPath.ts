/** What stands under the signs of a CSV. */
export const VALUES = ["shown", "pushed", "true"] as const;
export type ExportedValues = (typeof VALUES)[number];
export type CsvDialect = "rfc" | "fr";

export type ExportForm =
  | { format: "json" | "fhir" | "hl7" | "xapi" }
  | { format: "scores"; dialect: CsvDialect }
  | { format: "csv"; dialect: CsvDialect; values: ExportedValues };

/** Where the server has the record as a file. Local times are those of this browser. */
export function exportPath(
  sessionId: string,
  form: ExportForm,
  timezone: string = Intl.DateTimeFormat().resolvedOptions().timeZone,
): string {
  const query = new URLSearchParams({ ...form });
  if (form.format === "csv" && form.dialect === "fr" && timezone) query.set("timezone", timezone);
  return `/api/v1/sessions/${sessionId}/export?${query.toString()}`;
}
