import { useComputed } from "@preact/signals";
import { useMemo, useRef } from "preact/hooks";
import { trainerTexts as t } from "../../../i18n/trainers";
import { flagOf, type ScoreFlag } from "../../../patient/score";
import type { FlagValue } from "../../../wire/types";
import { scoreChoices } from "../../scoreFlags";
import { flagName } from "../../words";
import type { Marks } from "../record/record";
import { useRoom } from "../room";
import { MarkIcon } from "../Toggle";
import { FlagToggle } from "./FlagToggle";
import "./scoreFlags.css";

/** What NEWS2 asks for and no monitor measures. */
export function ScoreFlags(props: { marks: Marks }) {
  const texts = t.value.dashboard.flags;
  return (
    <div class="db-group" role="group" aria-labelledby="flags-score">
      <h3 id="flags-score">{texts.score}</h3>
      <div class="db-toggles">
        <FlagPick flag="consciousness" marks={props.marks} />
        <FlagPick flag="oxygen" marks={props.marks} />
        <FlagToggle flag="spo2_scale_2" marks={props.marks} />
      </div>
      <p class="db-hint">{texts.score_hint}</p>
    </div>
  );
}

function FlagPick(props: { flag: ScoreFlag; marks: Marks }) {
  const room = useRoom();
  const { flag } = props;
  const next = useComputed(() => {
    const staged = room.changes.staged.value.flags[flag];
    return staged === undefined ? flagOf(room.shown.value, flag) : staged;
  }).value;
  const word = useMemo(() => props.marks.of(`flag:${flag}`), [props.marks, flag]).word;
  const mark = useComputed(() => (["staged", "sending", "refused"].includes(word.value) ? word.value : ""));
  const isRecorded = useComputed(() => next !== null);
  // A key that goes through the choices passes by levels that nobody has found: nothing is sent on the way.
  const isByKey = useRef(false);
  const release = () => {
    isByKey.current = false;
    room.changes.release({ type: "flag", key: flag, value: next });
  };
  return (
    <label class="db-flag-pick" data-mark={mark}>
      <MarkIcon word={mark} isNext={isRecorded} />
      <span>{flagName(flag)}</span>
      <select
        value={JSON.stringify(next)}
        onPointerDown={() => (isByKey.current = false)}
        onKeyDown={(event) => (event.key === "Enter" ? release() : (isByKey.current = true))}
        onBlur={release}
        onChange={({ currentTarget: { value } }) =>
          room.changes.change(
            { type: "flag", key: flag, value: JSON.parse(value) as FlagValue | null },
            { held: isByKey.current },
          )
        }
      >
        {scoreChoices(flag, next).map((choice) => (
          <option key={JSON.stringify(choice.value)} value={JSON.stringify(choice.value)}>
            {choice.text}
          </option>
        ))}
      </select>
    </label>
  );
}
