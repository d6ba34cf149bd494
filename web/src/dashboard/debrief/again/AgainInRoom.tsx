import { useSignal, type ReadonlySignal } from "@preact/signals";
import type { ShownSession } from "../../../device/view/device";
import { trainerTexts as t } from "../../../i18n/trainers";
import { Icon } from "../../icons";
import type { RecordLine } from "../../room/record/record";
import { useRoom } from "../../room/room";
import { useMayForkHere } from "./AgainFromHere";
import { AskAgain } from "./AskAgain";
import { likeliest, againMoments } from "./moments";

interface Asked {
  lines: ReadonlySignal<readonly RecordLine[]>;
  /** What a line says. */
  words(line: RecordLine): string;
}

/** While a session runs, or is talked over: the step that was played last is chosen, others are there to choose. */
export function AgainInRoom(props: Asked) {
  const room = useRoom();
  const session = room.session.value;
  return session === null ? null : <Button {...props} session={session} />;
}

function Button(props: Asked & { session: ShownSession }) {
  const room = useRoom();
  const isAsked = useSignal(false);
  const mayFork = useMayForkHere(props.session);
  if (!mayFork || room.lacksRecord.value) return null;
  const moments = isAsked.value ? againMoments(props.lines.value) : [];
  const first = likeliest(moments);
  return (
    <>
      <button
        type="button"
        class="db-button db-button-quiet"
        aria-haspopup="dialog"
        aria-disabled={props.session.last_seq === 0}
        onClick={() => {
          if (props.session.last_seq > 0) isAsked.value = true;
        }}
      >
        <Icon name="retry" /> {t.value.again.again}
      </button>
      {first === null ? null : (
        <AskAgain
          session={props.session}
          moments={moments.map(({ seq, at, line }) => ({ seq, at, words: props.words(line) }))}
          first={first.seq}
          onClose={() => (isAsked.value = false)}
        />
      )}
    </>
  );
}
