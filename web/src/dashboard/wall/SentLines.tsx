import { useComputed } from "@preact/signals";
import { trainerTexts as t } from "../../i18n/trainers";
import { pathTo } from "../../app/pages";
import { Link } from "../shell/Link";
import { counted, named } from "../words";
import { fateWords } from "./commandWords";
import type { Fate, Sent } from "./sent";

/** What became of the last command, room by room: in one line while all went well, in words where it did not. */
export function SentLines(props: { sent: Sent }) {
  const { sent } = props;
  const texts = t.value.wall;
  const kind = sent.kind.value;
  const lines = sent.lines.value;
  const summary = useComputed(() => {
    const count = (wanted: Fate["kind"]) => sent.lines.value.filter(({ fate }) => fate.kind === wanted).length;
    const parts: [number, { one: string; other: string }][] = [
      [count("done"), texts.counts.done],
      [count("waits"), texts.counts.waits],
      [count("refused") + count("not_written"), texts.counts.refused],
      [count("left_out"), texts.counts.left_out],
    ];
    return parts.filter(([many]) => many > 0).map(([many, words]) => counted(many, words)).join(" · ");
  }).value;
  if (kind === null) return null;
  const failed = lines.filter(({ fate }) => fate.kind !== "done" && fate.kind !== "waits");
  return (
    <section class="db-wall-sent" aria-label={texts.sent}>
      <p role="status">
        <b>{named(texts.commands[kind], "")}</b>
        {summary}
      </p>
      <details open={failed.length > 0}>
        <summary>{texts.each}</summary>
        <ul>
          {(failed.length > 0 ? [...failed, ...lines.filter((line) => !failed.includes(line))] : lines).map((line) => (
            <li key={line.id} data-fate={line.fate.kind}>
              <b>{line.room}</b> <span>{line.what}</span> <span>{fateWords(line.fate)}</span>
            </li>
          ))}
        </ul>
      </details>
      {lines.some(({ fate }) => fate.kind === "refused") ? <Link to={pathTo("outbox")}>{t.value.dashboard.outbox.decide}</Link> : null}
      <button type="button" class="db-button" onClick={() => sent.forget()}>
        {t.value.common.close}
      </button>
    </section>
  );
}
