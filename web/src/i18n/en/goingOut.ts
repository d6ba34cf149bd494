/** A session as a file: what each is for. */
export const enGoingOut = {
  open: "Download…",
  title: "Take the record along",
  record: { title: "For a spreadsheet", help: "Everything that happened, one line an event, with the values at that moment." },
  fetched: { stop: "{megabytes} MB so far. Stop", failed: "Not downloaded. {reason}" },
  values: "Values",
  of: { shown: "what the monitors showed", pushed: "what was sent", true: "the patient’s true values" },
  csv: { rfc: "CSV", fr: "CSV (French)" },
  scores: { title: "For the marks", help: "One row a person, one column a criterion of the checklist." },
  scores_csv: { rfc: "Scores (CSV)", fr: "Scores (CSV, French)" },
  program: { title: "For a program of your own", help: "The whole record: events, annotations, who was there when." },
  monitors: { title: "For a system that reads patients’ data", help: "What the monitors showed, marked as training data throughout." },
  learning: { title: "For a learning platform", help: "Who did what, and how it was scored: under pseudonyms, without free texts." },
};
