import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { BOUNDS } from "../../generated/catalogue";
import type { ImportedCase, ImportEntry } from "../../wire/types";
import { useDevice } from "../context";
import { wholeNumber } from "../fmt";
import { Icon } from "../icons";
import { counted, dotted, reason, rhythmName, signWords } from "../words";
import { reportLine, REPORT_KINDS, linesOfCase, linesOfFile, toolName } from "./reportWords";
import { draftKey, type ImportedFile, type Imports, type Reading } from "./imports";

const MEGABYTE = 1024 * 1024;
/** So few lines are open from the start. */
const OPEN_LINES = 4;

/** One file: what is going on with it, what was found in it, or why nothing was. */
export function FoundFile(props: { file: ImportedFile; imports: Imports }) {
  const { file, imports } = props;
  const { reading } = file;
  const tool = reading.state === "found" ? toolName(reading.cases.report) : null;
  return (
    <section class="db-import-file" aria-busy={reading.state === "reading"}>
      <h3>
        {file.name}
        {tool === null ? null : <span class="db-import-tool">{tool}</span>}
      </h3>
      {reading.state === "found" ? (
        <>
          <FileLines lines={linesOfFile(reading.cases.report)} />
          {reading.cases.templates.map((draft, place) => (
            <FoundCase key={place} fileId={file.id} place={place} draft={draft} report={reading.cases.report} imports={imports} />
          ))}
        </>
      ) : (
        <Standing reading={reading} again={() => imports.retry(file.id)} />
      )}
    </section>
  );
}

function Standing(props: { reading: Exclude<Reading, { state: "found" }>; again: () => void }) {
  const texts = t.value.imports;
  const { reading } = props;
  if (reading.state === "waiting" || reading.state === "reading") return <p class="db-hint">{texts[reading.state]}</p>;
  const report = reading.state === "failed" ? linesOfFile(reading.refusal.report ?? []) : [];
  // What is wrong with the file itself is wrong the next time, too.
  const mayPass = reading.state === "offline" || (reading.state === "failed" && report.length === 0);
  return (
    <>
      {report.length > 0 ? <FileLines lines={report} /> : <p class="db-import-problem">{problemWords(reading)}</p>}
      {report.some(({ code }) => code === "unknown_format") ? <p class="db-hint">{texts.formats}</p> : null}
      {mayPass ? (
        <button type="button" class="db-button" onClick={props.again}>
          <Icon name="retry" /> {texts.again}
        </button>
      ) : null}
    </>
  );
}

function problemWords(reading: Exclude<Reading, { state: "found" | "waiting" | "reading" }>): string {
  const texts = t.value.imports;
  if (reading.state === "too_large") return fill(texts.too_large, { limit: wholeNumber(BOUNDS.import_bytes / MEGABYTE) });
  return reading.state === "failed" ? reason(reading.refusal) : texts[reading.state];
}

function FileLines(props: { lines: readonly ImportEntry[] }) {
  if (props.lines.length === 0) return null;
  return (
    <ul class="db-import-problem">
      {props.lines.map((entry) => (
        <li key={`${entry.code} ${entry.message}`}>
          <Icon name="alert" /> <span>{reportLine(entry, null)}</span>
        </li>
      ))}
    </ul>
  );
}

interface CaseProps {
  fileId: string;
  place: number;
  draft: ImportedCase;
  report: readonly ImportEntry[];
  imports: Imports;
}

function FoundCase(props: CaseProps) {
  const { place, draft, report, imports } = props;
  const texts = t.value.imports;
  const key = draftKey(props.fileId, place);
  const isThere = useDevice().templates.value.some(({ title }) => title === draft.title);
  const values = [...(draft.rhythm === null ? [] : [rhythmName(draft.rhythm)]), ...signWords(draft.vitals)];
  const groups = REPORT_KINDS.map((kind) => ({ kind, lines: linesOfCase(report, place, kind) })).filter(({ lines }) => lines.length > 0);
  const isAsItWas = groups.every(({ kind }) => kind === "taken");
  return (
    <article class="db-import-case">
      <label class="db-switch">
        <input
          type="checkbox"
          aria-label={fill(texts.keep_title, { title: draft.title })}
          checked={imports.chosen.value.has(key)}
          onChange={(event) => imports.choose(key, event.currentTarget.checked)}
        />
        <strong>{draft.title}</strong>
      </label>
      <p class="db-session-about">
        <span>{counted(draft.steps.length, texts.steps)}</span>
        {values.length === 0 ? null : <span>{dotted(values)}</span>}
      </p>
      {draft.steps.length === 0 ? null : <p class="db-import-steps">{draft.steps.map(({ title }) => title).join(" → ")}</p>}
      {isThere ? <p class="db-hint">{texts.same_title}</p> : null}
      {isAsItWas ? (
        <p class="db-import-good">
          <Icon name="check" /> {texts.all_taken}
        </p>
      ) : null}
      {groups.map(({ kind, lines }) => (
        <details key={kind} open={kind !== "taken" && lines.length <= OPEN_LINES}>
          <summary>
            {texts.kinds[kind]} <span class="db-import-count">{wholeNumber(lines.length)}</span>
          </summary>
          <ul>
            {lines.map((entry) => (
              <li key={`${entry.code} ${entry.field} ${entry.message}`}>{reportLine(entry, draft)}</li>
            ))}
          </ul>
        </details>
      ))}
    </article>
  );
}
