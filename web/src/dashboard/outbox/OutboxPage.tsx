import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { abilities } from "../../app/abilities";
import { Lacks } from "../../app/Lacks";
import { isAside, keyOf, type OutboxEntry } from "../../device/outbox/entry";
import type { Device } from "../../device/view/device";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { announce } from "../shell/announce";
import { CopyText } from "../CopyText";
import { useDevice } from "../context";
import { Confirm } from "../Dialog";
import { Icon } from "../icons";
import { statusWords } from "../shell/StatusLink";
import { entryWords } from "../words";
import { EditRow } from "./EditRow";
import { EntryRow } from "./EntryRow";
import "./outbox.css";

/** Everything that the server has not confirmed, oldest first, and what to do with what it refused. */
export function OutboxPage() {
  const device = useDevice();
  const texts = t.value.dashboard.outbox;
  const entries = device.entries.value;
  const edits = device.edits.value;
  const hasProblem = [...entries, ...edits].some(({ state }) => state === "rejected");
  const asked = useSignal<readonly OutboxEntry[]>([]);
  useWatchingRefused(device, entries);
  return (
    <main class="db-page" id="content" tabIndex={-1}>
      <div class="db-list-head">
        <h1>{texts.title}</h1>
        <p class="db-outbox-status">{statusWords(device.status.value)}</p>
      </div>
      <p class="db-hint">{texts.lead}</p>
      <Lacks of={["opensOffline"]} class="db-hint" />
      {hasProblem ? (
        <p class="db-problem" data-shown="yes">
          <Icon name="alert" />
          <span>{texts.problem}</span>
        </p>
      ) : null}
      {entries.length === 0 && edits.length === 0 ? (
        <div class="db-empty">
          <h2>
            <Icon name="check" /> {texts.empty}
          </h2>
          <p>{!device.isKept ? t.value.device.unkept.outbox : abilities.opensOffline ? texts.empty_help : texts.empty_help_open}</p>
        </div>
      ) : (
        <table class="db-table db-outbox">
          <thead>
            <tr>
              <th scope="col">{texts.time}</th>
              <th scope="col">{texts.author}</th>
              <th scope="col">{texts.session}</th>
              <th scope="col">{texts.change}</th>
              <th scope="col">{texts.state}</th>
              <th scope="col">{texts.actions}</th>
            </tr>
          </thead>
          <tbody>
            {entries.map((entry) => (
              <EntryRow
                key={entry.id}
                entry={entry}
                followers={followersOf(entry, entries)}
                isBlocked={isBlocked(entry, entries)}
                askDiscard={(unwanted) => {
                  asked.value = unwanted;
                }}
              />
            ))}
            {edits.map((edit) => (
              <EditRow key={edit.id} edit={edit} />
            ))}
          </tbody>
        </table>
      )}
      {asked.value.length === 0 ? null : (
        <AskDiscard
          entries={asked.value}
          onClose={() => {
            asked.value = [];
          }}
        />
      )}
    </main>
  );
}

/** A refused change holds back what came after it in its own session, and nothing else. */
function isBlocked(entry: OutboxEntry, entries: readonly OutboxEntry[]): boolean {
  const before = entries.slice(0, entries.indexOf(entry));
  return (
    entry.state === "waiting" && before.some((one) => keyOf(one) === keyOf(entry) && isBlocking(one))
  );
}

function isBlocking(entry: OutboxEntry): boolean {
  return entry.state === "rejected" && !isAside(entry);
}

/** Followed while they are here: whether a refused change can be sent again depends on how the session stands. */
function useWatchingRefused(device: Device, entries: readonly OutboxEntry[]): void {
  const refused = entries.filter((entry) => entry.state === "rejected" || entry.state === "kept");
  const ids = [...new Set(refused.map((entry) => entry.entity.id))].sort().join(" ");
  useEffect(() => {
    const endings = ids === "" ? [] : ids.split(" ").map((id) => device.watch(id));
    return () => {
      for (const end of endings) end();
    };
  }, [device, ids]);
}

function followersOf(entry: OutboxEntry, entries: readonly OutboxEntry[]): OutboxEntry[] {
  if (!isBlocking(entry)) return [];
  return entries.slice(entries.indexOf(entry) + 1).filter((one) => keyOf(one) === keyOf(entry));
}

function AskDiscard(props: { entries: readonly OutboxEntry[]; onClose: () => void }) {
  const device = useDevice();
  const texts = t.value.dashboard.outbox;
  const { entries } = props;
  const words = entries.map((entry) => entryWords(entry, device.caseOf(entry.entity.id).value?.steps));
  const discard = async () => {
    announce(`${texts.discarded}: ${words.join(", ")}`);
    // The last one first: discarding the refused one lets the next one go.
    for (const entry of [...entries].reverse()) await device.discard(entry.id);
  };
  return (
    <Confirm title={texts.discard_title} yes={texts.discard} onYes={() => void discard()} onClose={props.onClose}>
      <p>{entries.length > 1 ? fill(texts.discard_all_help, { count: entries.length }) : texts.discard_help}</p>
      <ul class="db-discard-list">
        {words.map((one, place) => (
          <li key={place}>{one}</li>
        ))}
      </ul>
      <p>
        <CopyText text={words.join("\n")} />
      </p>
      {entries.some((entry) => entry.kind === "session:open") ? <p>{t.value.device.entries.discard_open_hint}</p> : null}
    </Confirm>
  );
}
