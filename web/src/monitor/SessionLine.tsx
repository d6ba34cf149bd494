import { signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { fill, t } from "../i18n";
import { clockText, durationText } from "./texts";

const EVERY = 1000;
/** Before its last hour nobody asks how long a session still lasts. */
const TOLD_FROM = 60 * 60_000;

/** Small, at the edge: which session, how long it still lasts, what time it is. */
export function SessionLine(props: { state: { title?: string; expires_at?: string }; serverNow: () => number }) {
  const { state, serverNow } = props;
  const clock = useMemo(() => signal(""), []);
  const left = useMemo(() => signal(""), []);
  useEffect(() => {
    const tell = () => {
      const now = serverNow();
      clock.value = clockText(now);
      const rest = state.expires_at === undefined ? Number.POSITIVE_INFINITY : Date.parse(state.expires_at) - now;
      left.value = rest > TOLD_FROM ? "" : fill(t.value.monitor.session.left, { time: durationText(rest) });
    };
    tell();
    const timer = setInterval(tell, EVERY);
    return () => clearInterval(timer);
  }, [state.expires_at, serverNow, t.value]);
  return (
    <div class="mon-session">
      <span class="mon-session-title">{state.title}</span>
      <span class="mon-session-left">{left}</span>
      <span class="mon-session-clock">{clock}</span>
    </div>
  );
}
