import type { ReadonlySignal } from "@preact/signals";
import { render } from "preact";
import { useEffect } from "preact/hooks";
import type { CaseTime } from "../case/caseTime";
import { RoomContext, useRoom } from "../room";
import type { RecordLine } from "./record";
import { Sheet } from "./Sheet";

/** Whatever prints the page while this is mounted prints the record, whole, in place of the screen. */
export function usePrintedRecord(lines: ReadonlySignal<readonly RecordLine[]>, time: ReadonlySignal<CaseTime>): void {
  const room = useRoom();
  useEffect(() => {
    const place = document.createElement("div");
    place.className = "db-sheet";
    // Drawn before this returns: the browser lays the paper out right after it.
    const draw = () => {
      document.body.append(place);
      render(
        <RoomContext.Provider value={room}>
          <Sheet room={room} lines={lines.peek()} time={time.peek()} />
        </RoomContext.Provider>,
        place,
      );
    };
    const clear = () => {
      render(null, place);
      place.remove();
    };
    addEventListener("beforeprint", draw);
    addEventListener("afterprint", clear);
    return () => {
      removeEventListener("beforeprint", draw);
      removeEventListener("afterprint", clear);
      clear();
    };
  }, [room, lines, time]);
}
