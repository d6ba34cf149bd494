import { useId } from "preact/hooks";
import { contentOf } from "../../device/sync/edit";
import type { Settlement } from "../../device/sync/edits";
import type { HallConflict } from "../../device/sync/schoolHalls";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { ByField, Same } from "../conflicts/ByField";
import { templateParts } from "../conflicts/parts";
import { theirWords } from "../conflicts/theirWords";
import { useDevice } from "../context";
import { dayTime } from "../fmt";
import { Icon } from "../icons";
import "../conflicts/conflicts.css";

type Settle = (conflict: HallConflict, settlement: Settlement) => void;

/** Cases that were changed here and in a hall: no trainer's device has these conflicts. */
export function HallConflicts(props: { conflicts: readonly HallConflict[]; settle: Settle }) {
  const texts = t.value.halls.conflicts;
  if (props.conflicts.length === 0) return null;
  return (
    <section class="db-conflicts db-hall-conflicts">
      <h2>{texts.title}</h2>
      <p class="db-hint">{texts.lead}</p>
      {props.conflicts.map((conflict) => (
        <HallConflictCard key={`${conflict.id} ${conflict.version}`} conflict={conflict} settle={props.settle} />
      ))}
    </section>
  );
}

function HallConflictCard(props: { conflict: HallConflict; settle: Settle }) {
  const id = useId();
  const { conflict } = props;
  const { theirs, mine, fields } = conflict;
  const settle = (settlement: Settlement) => props.settle(conflict, settlement);
  const words = sideWords(conflict);
  return (
    <section class="db-panel db-conflict" aria-labelledby={id}>
      <h3 id={id}>
        <Icon name="fork" /> {titleOf(conflict)}
      </h3>
      <Sides conflict={conflict} />
      {theirs === null || mine === null ? (
        <OneIsGone conflict={conflict} settle={settle} />
      ) : fields.length === 0 ? (
        <Same settle={settle} />
      ) : (
        <ByField parts={templateParts(fields, theirs, mine)} isWhole={false} words={words} settle={settle} />
      )}
    </section>
  );
}

function Sides({ conflict }: { conflict: HallConflict }) {
  const device = useDevice();
  const now = device.serverNow();
  const { theirs, mine, written, created_at } = conflict;
  const there = theirWords({ written, updatedAt: theirs?.updated_at, isDeleted: theirs === null, me: device.me.value?.id, now });
  const { deleted, changed } = t.value.halls.conflicts;
  return (
    <dl class="db-sides">
      <div>
        <dt>{t.value.cases.conflicts.theirs}</dt>
        <dd>{there}</dd>
      </div>
      <div>
        <dt>{sideWords(conflict).mine}</dt>
        <dd>{fill(mine === null ? deleted : changed, { when: dayTime(Date.parse(created_at), now) })}</dd>
      </div>
    </dl>
  );
}

/** One side has deleted it: there is nothing to choose part by part. */
function OneIsGone(props: { conflict: HallConflict; settle: (settlement: Settlement) => void }) {
  const texts = t.value.halls.conflicts;
  const { theirs, mine } = props.conflict;
  return (
    <p class="db-conflict-actions">
      <button type="button" class="db-button" onClick={() => props.settle({ keep: "theirs" })}>
        {theirs === null ? texts.leave_deleted : texts.keep_here}
      </button>
      <button
        type="button"
        class={`db-button ${theirs === null ? "" : "db-button-danger"}`}
        onClick={() => props.settle({ keep: "mine", content: mine === null ? null : contentOf(mine) })}
      >
        {theirs === null ? texts.bring_back : texts.delete_too}
      </button>
    </p>
  );
}

export function titleOf({ theirs, mine }: HallConflict): string {
  return (theirs ?? mine)?.title ?? "";
}

function sideWords({ hall }: HallConflict): { mine: string; keep_mine: string } {
  const texts = t.value.halls.conflicts;
  if (hall === null) return { mine: texts.in_a_hall, keep_mine: texts.keep_a_halls };
  return { mine: fill(texts.in_hall, { hall }), keep_mine: fill(texts.keep_halls, { hall }) };
}
