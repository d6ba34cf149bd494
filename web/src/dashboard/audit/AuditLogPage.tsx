import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { mayInSchool } from "../../device/permissions";
import { trainerTexts as t } from "../../i18n/trainers";
import { wholeList, type AuditQuery } from "../../wire/api";
import type { AuditEntry, AuditSubject, Colleague, Refusal } from "../../wire/types";
import { useDevice } from "../context";
import { wholeTime } from "../fmt";
import { accountReason } from "../school/accountProblems";
import { counted } from "../words";
import { namesIn, whatWords } from "./auditWords";
import "./audit.css";

/** Who did what in the school, newest first, as many pages as somebody wants to read. */
export function AuditLogPage() {
  const device = useDevice();
  const texts = t.value.people.audit;
  const me = device.me.value;
  const isAllowed = me !== null && mayInSchool("read_audit", me);
  return (
    <main class="db-page" id="content" tabIndex={-1}>
      <h1>{t.value.dashboard.nav.audit}</h1>
      <p class="db-hint">{isAllowed ? texts.lead : texts.forbidden}</p>
      {isAllowed ? <Entries /> : null}
    </main>
  );
}

function Entries() {
  const { people } = useDevice();
  const texts = t.value.people.audit;
  const colleagues = useSignal<Colleague[]>([]);
  const query = useSignal<AuditQuery>({});
  const entries = useSignal<AuditEntry[] | null>(null);
  const next = useSignal<string | null>(null);
  const refusal = useSignal<Refusal | null>(null);
  const read = async (cursor: string | null) => {
    const asked = query.value;
    const answer = await people.audit(asked, cursor);
    // Somebody has chosen something else meanwhile.
    if (asked !== query.value) return;
    refusal.value = answer.ok ? null : answer.refusal;
    if (!answer.ok) return;
    entries.value = cursor === null ? answer.value.items : [...(entries.value ?? []), ...answer.value.items];
    next.value = answer.value.next_cursor;
  };
  useEffect(() => {
    void wholeList((cursor) => people.colleagues(cursor)).then((answer) => {
      if (answer.ok) colleagues.value = answer.value;
    });
  }, []);
  useEffect(() => void read(null), [query.value]);
  return (
    <>
      <Filters query={query.value} colleagues={colleagues.value} choose={(chosen) => (query.value = chosen)} />
      {refusal.value === null ? null : (
        <p class="db-problem" data-shown="yes" role="alert">
          {accountReason(refusal.value)}
        </p>
      )}
      {entries.value === null ? null : entries.value.length === 0 ? (
        <p>{texts.none}</p>
      ) : (
        <>
          <p class="visually-hidden" role="status">
            {counted(entries.value.length, texts.shown)}
          </p>
          <EntryTable entries={entries.value} colleagues={colleagues.value} />
        </>
      )}
      {next.value === null ? null : (
        <button type="button" class="db-button db-audit-older" onClick={() => void read(next.value)}>
          {texts.older}
        </button>
      )}
    </>
  );
}

function Filters(props: { query: AuditQuery; colleagues: readonly Colleague[]; choose: (query: AuditQuery) => void }) {
  const texts = t.value.people.audit;
  const { by, about } = props.query;
  const subjects = Object.keys(texts.subjects) as AuditSubject[];
  const choose = (who: string, what: string) =>
    props.choose({ ...(who === "" ? {} : { by: who }), ...(what === "" ? {} : { about: what as AuditSubject }) });
  return (
    <div class="db-audit-filters">
      <label class="db-field">
        <span>{texts.who}</span>
        <select value={by ?? ""} onChange={(event) => choose(event.currentTarget.value, about ?? "")}>
          <option value="">{texts.everybody}</option>
          {props.colleagues.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label class="db-field">
        <span>{texts.about}</span>
        <select value={about ?? ""} onChange={(event) => choose(by ?? "", event.currentTarget.value)}>
          <option value="">{texts.everything}</option>
          {subjects.map((subject) => (
            <option key={subject} value={subject}>
              {texts.subjects[subject]}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

function EntryTable(props: { entries: readonly AuditEntry[]; colleagues: readonly Colleague[] }) {
  const device = useDevice();
  const texts = t.value.people.audit;
  const known = new Map([
    ...device.templates.value.map(({ id, title }) => [id, title] as const),
    ...device.sessions.value.map(({ id, title }) => [id, title] as const),
    ...props.colleagues.map(({ id, name }) => [id, name] as const),
  ]);
  const names = namesIn(props.entries, known);
  return (
    <table class="db-table db-audit">
      <thead>
        <tr>
          <th scope="col">{texts.when}</th>
          <th scope="col">{texts.who}</th>
          <th scope="col">{texts.what}</th>
        </tr>
      </thead>
      <tbody>
        {props.entries.map((entry) => (
          <tr key={entry.id}>
            <td>{wholeTime(Date.parse(entry.at))}</td>
            <th scope="row">{entry.by.name}</th>
            <td>{whatWords(entry, names)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
