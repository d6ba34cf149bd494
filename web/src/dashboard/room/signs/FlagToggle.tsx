import { useComputed } from "@preact/signals";
import { flagOf } from "../../../patient/score";
import { flagName } from "../../words";
import type { Marks } from "../record/record";
import { useRoom } from "../room";
import { Toggle } from "../Toggle";

export function FlagToggle(props: { flag: string; marks: Marks }) {
  const room = useRoom();
  const { flag } = props;
  const isNext = useComputed(() => {
    const staged = room.changes.staged.value.flags[flag];
    return (staged === undefined ? flagOf(room.shown.value, flag) : staged) !== null;
  });
  return (
    <Toggle
      text={flagName(flag)}
      isNext={isNext}
      markKey={`flag:${flag}`}
      marks={props.marks}
      onPress={() => room.changes.change({ type: "flag", key: flag, value: turned(room.shown.peek().flags[flag], isNext.peek()) })}
    />
  );
}

/** Off takes the flag away; back on gives an unknown flag the text that it had. */
function turned(shown: boolean | string | undefined, isOn: boolean): boolean | string | null {
  if (isOn) return null;
  return typeof shown === "string" ? shown : true;
}
