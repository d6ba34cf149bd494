import { useEffect } from "preact/hooks";
import { useDevice } from "../../context";

/**
 * The school keeps who opened the debrief of an ended session, and who printed it: while this page shows one it is told
 * to the server, as far as that can be reached.
 */
export function useViews(sessionId: string, isOver: boolean): void {
  const { people } = useDevice();
  useEffect(() => {
    if (!isOver) return;
    void people.viewed(sessionId, "opened");
    const printed = () => void people.viewed(sessionId, "printed");
    window.addEventListener("beforeprint", printed);
    return () => window.removeEventListener("beforeprint", printed);
  }, [sessionId, isOver]);
}
