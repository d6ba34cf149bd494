import type { ReadonlySignal } from "@preact/signals";
import type { RecordLine } from "../room/record/record";
import { OwnWords } from "./annotations/OwnWords";
import { PlusDelta } from "./annotations/PlusDelta";
import { TakeHome } from "./annotations/TakeHome";
import { Scoring } from "./scores/Scoring";
import { SideBySide } from "./scores/SideBySide";

/** What is made of an ended session, in the order in which a debrief comes to it. */
export function Debriefing(props: { lines: ReadonlySignal<RecordLine[]> }) {
  return (
    <>
      <OwnWords />
      <PlusDelta />
      <Scoring lines={props.lines} />
      <SideBySide />
      <TakeHome />
    </>
  );
}
