import { useEffect } from "preact/hooks";

/** A bedside screen does not go dark. The browser lets go of the lock with every hidden tab: take it again. */
export function useWakeLock(): void {
  useEffect(() => {
    let lock: WakeLockSentinel | null = null;
    let isWanted = true;
    let isAsked = false;
    let isAskedAgain = false;
    // One at a time: of two that are held, the one that nobody knows of any more keeps the screen awake for good.
    const take = async () => {
      if (!isWanted || document.visibilityState !== "visible" || !("wakeLock" in navigator)) return;
      isAskedAgain = isAsked;
      if (isAsked || lock?.released === false) return;
      isAsked = true;
      try {
        lock = await navigator.wakeLock.request("screen");
        if (!isWanted) await lock.release();
      } catch {
        // Low battery, or no secure context (plain http): the screen keeps its own time.
      }
      isAsked = false;
      // The page was hidden and seen again meanwhile.
      if (isAskedAgain) await take();
    };
    const again = () => void take();
    void take();
    document.addEventListener("visibilitychange", again);
    return () => {
      isWanted = false;
      document.removeEventListener("visibilitychange", again);
      void lock?.release().catch(() => {});
    };
  }, []);
}
