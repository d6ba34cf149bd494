import { useEffect } from "preact/hooks";
import type { Room } from "../room/room";

/** Nothing tells of what colleagues write beside the record: while a page shows it, it is read this often. */
const AGAIN_MS = 15_000;
/** What the server reckons from the whole record, and what trainees write, with every so many of those. */
const EVERYTHING_WITH = 4;

/** How many parts of a page look at the same session. */
const lookers = new WeakMap<Room, { count: number; stop: () => void }>();

export function useFreshBeside(room: Room): void {
  useEffect(() => {
    const looker = lookers.get(room) ?? { count: 0, stop: looking(room) };
    looker.count++;
    lookers.set(room, looker);
    return () => {
      if (--looker.count > 0) return;
      lookers.delete(room);
      looker.stop();
    };
  }, [room]);
}

function looking(room: Room): () => void {
  let ticks = 0;
  const look = () => {
    if (document.visibilityState === "hidden") return;
    room.device.lookBeside(room.id, ticks++ % EVERYTHING_WITH === 0 ? "everything" : "written");
  };
  look();
  const timer = setInterval(look, AGAIN_MS);
  document.addEventListener("visibilitychange", look);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", look);
  };
}
