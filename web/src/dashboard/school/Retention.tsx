import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { pathTo } from "../../app/pages";
import { BOUNDS } from "../../generated/catalogue";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import type { Due, KeptMonths, Refusal } from "../../wire/types";
import { useDevice } from "../context";
import { wholeTime } from "../fmt";
import { Link } from "../shell/Link";
import { announce } from "../shell/announce";
import { accountReason } from "./accountProblems";
import "./retention.css";

/** For how long the school keeps names and records, and what is done next. For admins. */
export function Retention() {
  const { people } = useDevice();
  const texts = t.value.keeping.school;
  const kept = useSignal<KeptMonths | null>(null);
  const refusal = useSignal<Refusal | null>(null);
  useEffect(() => {
    void people.retention().then((answer) => {
      if (answer.ok) kept.value = answer.value;
      else refusal.value = answer.refusal;
    });
  }, []);
  return (
    <section class="db-retention" aria-labelledby="retention-title">
      <h2 id="retention-title">{texts.title}</h2>
      <p class="db-hint">{texts.lead}</p>
      {refusal.value === null ? null : (
        <p class="db-problem" data-shown="yes" role="alert">
          {accountReason(refusal.value)}
        </p>
      )}
      {kept.value === null ? null : (
        <>
          <Decision kept={kept.value} decided={(now) => (kept.value = now)} />
          <DueList kept={kept.value} />
        </>
      )}
    </section>
  );
}

function Decision(props: { kept: KeptMonths; decided: (kept: KeptMonths) => void }) {
  const { people, serverNow } = useDevice();
  const texts = t.value.keeping.school;
  const { begins_at } = props.kept;
  const names = useSignal(String(props.kept.names_months));
  const isDeleted = useSignal(props.kept.records_months !== null);
  const records = useSignal(String(props.kept.records_months ?? 60));
  const problem = useSignal("");
  const submit = async (event: Event) => {
    event.preventDefault();
    const [names_months, records_months] = [monthsOf(names.value, BOUNDS.names_months), monthsOf(records.value, BOUNDS.records_months)];
    problem.value =
      names_months === null
        ? fill(texts.wrong_names, { most: BOUNDS.names_months })
        : isDeleted.value && records_months === null
          ? fill(texts.wrong_records, { most: BOUNDS.records_months })
          : "";
    if (problem.value !== "" || names_months === null) return;
    const answer = await people.setRetention({ names_months, records_months: isDeleted.value ? records_months : null });
    if (!answer.ok) {
      problem.value = accountReason(answer.refusal);
      return;
    }
    props.decided(answer.value);
    announce(texts.saved);
  };
  return (
    <form class="db-retention-form" onSubmit={(event) => void submit(event)} noValidate>
      <label class="db-retention-line">
        <span>{texts.names}</span>
        <Months value={names} most={BOUNDS.names_months} label={`${texts.names} (${texts.months})`} />
        <span>{texts.months}</span>
      </label>
      <fieldset>
        <legend>{texts.records}</legend>
        <label class="db-switch">
          <input type="radio" name="records" checked={!isDeleted.value} onChange={() => (isDeleted.value = false)} />
          <span>{texts.forever}</span>
        </label>
        <div class="db-retention-line">
          <label class="db-switch">
            <input type="radio" name="records" checked={isDeleted} onChange={() => (isDeleted.value = true)} />
            <span>{texts.deleted}</span>
          </label>
          <Months
            value={records}
            most={BOUNDS.records_months}
            label={`${texts.records} ${texts.deleted} (${texts.months})`}
            disabled={!isDeleted.value}
          />
          <span>{texts.months}</span>
        </div>
      </fieldset>
      {begins_at !== null && Date.parse(begins_at) > serverNow() ? (
        <p class="db-hint">{fill(texts.begins, { when: wholeTime(Date.parse(begins_at)) })}</p>
      ) : null}
      <p class="db-problem" role="alert" data-shown={problem.value === "" ? "no" : "yes"}>
        {problem}
      </p>
      <button type="submit" class="db-button db-button-main">
        {texts.save}
      </button>
    </form>
  );
}

function Months(props: { value: { value: string }; most: number; label: string; disabled?: boolean }) {
  return (
    <input
      class="db-retention-months"
      type="number"
      inputMode="numeric"
      min={1}
      max={props.most}
      value={props.value.value}
      disabled={props.disabled}
      aria-label={props.label}
      onInput={(event) => (props.value.value = event.currentTarget.value)}
    />
  );
}

/** Read anew when something else was decided. */
function DueList(props: { kept: KeptMonths }) {
  const { people } = useDevice();
  const texts = t.value.keeping.school;
  const items = useSignal<Due[] | null>(null);
  const next = useSignal<string | null>(null);
  const read = async (cursor: string | null) => {
    const answer = await people.due(cursor);
    if (!answer.ok) return;
    items.value = cursor === null ? answer.value.items : [...(items.value ?? []), ...answer.value.items];
    next.value = answer.value.next_cursor;
  };
  useEffect(() => void read(null), [props.kept]);
  if (items.value === null) return null;
  return (
    <>
      <h3>{texts.due}</h3>
      <p class="db-hint">{items.value.length === 0 ? texts.none : texts.help}</p>
      {items.value.length === 0 ? null : (
        <table class="db-table db-retention-due">
          <thead>
            <tr>
              <th scope="col">{texts.session}</th>
              <th scope="col">{texts.ended}</th>
              <th scope="col">{texts.what}</th>
              <th scope="col">{texts.when}</th>
            </tr>
          </thead>
          <tbody>
            {items.value.map((due) => (
              <tr key={due.session_id}>
                <th scope="row">
                  <Link to={pathTo("room", { session_id: due.session_id })}>{due.title || texts.untitled}</Link>
                </th>
                <td>{due.ended_at === null ? "" : wholeTime(Date.parse(due.ended_at))}</td>
                <td>{texts.measures[due.measure]}</td>
                <td>{wholeTime(Date.parse(due.at))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {next.value === null ? null : (
        <button type="button" class="db-button" onClick={() => void read(next.value)}>
          {texts.more}
        </button>
      )}
    </>
  );
}

function monthsOf(text: string, most: number): number | null {
  const months = Number(text);
  return text.trim() !== "" && Number.isInteger(months) && months >= 1 && months <= most ? months : null;
}
