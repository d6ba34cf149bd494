import type { ReadonlySignal } from "@preact/signals";
import { render } from "preact";
import { useEffect } from "preact/hooks";
import type { CaseTime } from "../../room/case/caseTime";
import type { RecordLine } from "../../room/record/record";
import { useRoom } from "../../room/room";
import { footOfPages } from "./footOfPages";
import { Sheet } from "./Sheet";
import type { SheetData } from "./sheetData";
import { sheetOfRoom } from "./sheetOfRoom";

/**
 * Whatever prints the page while this is mounted prints the sheet, whole, in place of the screen. It belongs to the
 * page itself, not to a part of it that comes and goes with the width: to a browser that prints, the paper is a narrow
 * screen, and a part that goes then would take the sheet away between two looks at the preview.
 */
export function usePrintedSheet(lines: ReadonlySignal<readonly RecordLine[]>, time: ReadonlySignal<CaseTime>): void {
  const room = useRoom();
  useEffect(() => printing(() => sheetOfRoom(room, lines.peek(), time.peek())), [room, lines, time]);
}

/** `read`: what is to stand on paper, asked for when somebody prints; null: nothing, the page prints as it is. */
export function printing(read: () => SheetData | null): () => void {
  const place = document.createElement("div");
  place.className = "db-sheet";
  const foot = footOfPages();
  // Drawn before this returns: the browser lays the paper out right after it.
  const draw = () => {
    const data = read();
    if (data === null) return;
    foot?.write(data.printedBy);
    document.body.append(place);
    render(<Sheet data={data} />, place);
  };
  const clear = () => {
    render(null, place);
    place.remove();
    foot?.clear();
  };
  addEventListener("beforeprint", draw);
  addEventListener("afterprint", clear);
  return () => {
    removeEventListener("beforeprint", draw);
    removeEventListener("afterprint", clear);
    clear();
  };
}
