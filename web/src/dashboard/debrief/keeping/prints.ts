import { useEffect } from "preact/hooks";
import { useDevice } from "../../context";

/**
 * The school keeps who printed an ended session: while a page shows one it is told to the server, as far as that can be
 * reached. That it was opened the server sees by itself.
 */
export function usePrints(sessionId: string, isOver: boolean): void {
  const { people } = useDevice();
  useEffect(() => {
    if (!isOver) return;
    const printed = () => void people.viewed(sessionId, "printed");
    window.addEventListener("beforeprint", printed);
    return () => window.removeEventListener("beforeprint", printed);
  }, [sessionId, isOver]);
}
