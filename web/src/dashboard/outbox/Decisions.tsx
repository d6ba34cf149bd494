import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { pathTo } from "../../app/pages";
import { go } from "../../app/route";
import { BOUNDS } from "../../generated/catalogue";
import type { OutboxEntry } from "../../device/outbox/entry";
import { remediesOf, type Remedy } from "../../device/outbox/remedies";
import type { Device } from "../../device/view/device";
import { trainerTexts as t } from "../../i18n/trainers";
import { CopyText } from "../CopyText";
import { useDevice } from "../context";
import { Dialog } from "../Dialog";
import { tellNotWritten } from "../room/notWritten";
import { inHandWith } from "../room/sending/preparing";
import { pressureTrouble } from "../room/sending/staging";
import { announce } from "../shell/announce";
import { counted, entryPatch, entryText, entryWords } from "../words";

/** What can be made of a refused change; nothing is offered that cannot work. */
export function remediesHere(entry: OutboxEntry, device: Device): readonly Remedy[] {
  const me = device.me.value;
  if (me === null) return [];
  const session = device.session(entry.entity.id).value ?? undefined;
  const patch = entryPatch(entry, stepsOf(entry, device));
  const isPlausible = session !== undefined && patch !== null && pressureTrouble(session.shown_values, patch.vitals ?? {}) === null;
  return remediesOf(entry, { me, session, isPlausible });
}

export function adviceFor(entry: OutboxEntry, remedies: readonly Remedy[]): string {
  const { advice } = t.value.dashboard.outbox;
  if (remedies[0] !== undefined) return advice[remedies[0]];
  return entry.refusal?.code === "forbidden" ? advice.steer : advice.none;
}

export function Decisions(props: {
  entry: OutboxEntry;
  remedies: readonly Remedy[];
  followers: readonly OutboxEntry[];
  askDiscard: (unwanted: readonly OutboxEntry[]) => void;
}) {
  const device = useDevice();
  const texts = t.value.dashboard.outbox;
  const hints = t.value.device.entries;
  const isReworded = useSignal(false);
  const { entry, remedies, followers } = props;
  const what = entryWords(entry, stepsOf(entry, device));
  const act = (words: string, done: Promise<void>) => {
    announce(`${words}: ${what}`);
    done.catch(tellNotWritten);
  };
  const acts: Record<Remedy, () => void> = {
    retry: () => act(texts.retried, device.retry(entry.id)),
    annotate: () => act(texts.annotated, device.annotateInstead(entry.id)),
    edit: () => {
      if (entry.kind !== "vitals:push") isReworded.value = true;
      else act(texts.edited, stageAgain(entry, device));
    },
  };
  return (
    <span class="db-entry-actions">
      {remedies.map((remedy, place) => (
        <button
          key={remedy}
          type="button"
          class={`db-button ${place === 0 ? "db-button-main" : ""}`}
          aria-label={`${texts[remedy]}: ${what}`}
          title={remedy === "retry" ? hints.retry_hint : texts.advice[remedy]}
          onClick={acts[remedy]}
        >
          {texts[remedy]}
        </button>
      ))}
      {remedies.length === 0 ? <CopyText text={what} label={`${texts.copy}: ${what}`} /> : null}
      <button
        type="button"
        class="db-button"
        aria-label={`${texts.discard}: ${what}`}
        title={hints.discard_hint}
        onClick={() => props.askDiscard([entry])}
      >
        {texts.discard}
      </button>
      {entry.state === "kept" ? null : (
        <button
          type="button"
          class="db-button"
          aria-label={`${texts.keep}: ${what}`}
          title={hints.keep_hint}
          onClick={() => act(texts.kept, device.keep(entry.id))}
        >
          {texts.keep}
        </button>
      )}
      {followers.length > 0 ? (
        <button type="button" class="db-button" onClick={() => props.askDiscard([entry, ...followers])}>
          {counted(followers.length, texts.discard_all)}
        </button>
      ) : null}
      {isReworded.value ? (
        <Reword
          text={entryText(entry) ?? String(entry.body["text"] ?? "")}
          onSend={(text) => act(texts.reworded, device.reword(entry.id, text))}
          onClose={() => (isReworded.value = false)}
        />
      ) : null}
    </span>
  );
}

function Reword(props: { text: string; onSend: (text: string) => void; onClose: () => void }) {
  const texts = t.value.dashboard.outbox;
  const field = useRef<HTMLTextAreaElement>(null);
  const send = (event: Event) => {
    event.preventDefault();
    const text = field.current?.value.trim() ?? "";
    if (text === "") return field.current?.focus();
    props.onSend(text);
    props.onClose();
  };
  return (
    <Dialog title={texts.edit_title} onClose={props.onClose}>
      <form class="db-reword" onSubmit={send}>
        <label class="db-field">
          <span>{t.value.dashboard.notes.text}</span>
          <textarea ref={field} rows={4} maxLength={BOUNDS.note_characters} defaultValue={props.text} autofocus />
        </label>
        <div class="db-dialog-actions">
          <button type="button" class="db-button" onClick={props.onClose}>
            {t.value.common.cancel}
          </button>
          <button type="submit" class="db-button db-button-main">
            {texts.edit_yes}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** Its values are staged in its session's room, to be changed and sent there. */
async function stageAgain(entry: OutboxEntry, device: Device): Promise<void> {
  const session_id = entry.entity.id;
  const patch = entryPatch(entry, stepsOf(entry, device)) ?? {};
  await device.prepare(session_id, inHandWith(device.preparation(session_id).peek(), patch));
  await device.discard(entry.id);
  go(pathTo("room", { session_id }));
}

function stepsOf(entry: OutboxEntry, device: Device) {
  return device.caseOf(entry.entity.id).value?.steps ?? [];
}
