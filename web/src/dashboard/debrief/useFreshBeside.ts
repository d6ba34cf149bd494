import { useEffect } from "preact/hooks";
import type { Room } from "../room/room";

/** Nothing tells of what colleagues write beside the record: while a page shows it, it is read this often. */
const AGAIN_MS = 15_000;

export function useFreshBeside(room: Room): void {
  useEffect(() => {
    const look = () => {
      if (document.visibilityState !== "hidden") room.device.lookBeside(room.id);
    };
    look();
    const timer = setInterval(look, AGAIN_MS);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [room]);
}
