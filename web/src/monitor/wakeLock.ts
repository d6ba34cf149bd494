import { useEffect } from "preact/hooks";

/** A bedside screen does not go dark. The browser lets go of the lock with every hidden tab: take it again. */
export function useWakeLock(): void {
  useEffect(() => {
    let lock: WakeLockSentinel | null = null;
    let isWanted = true;
    const take = async () => {
      if (!isWanted || document.visibilityState !== "visible" || !("wakeLock" in navigator)) return;
      try {
        lock = await navigator.wakeLock.request("screen");
        if (!isWanted) await lock.release();
      } catch {
        // Low battery, or no secure context (plain http): the screen keeps its own time.
      }
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
