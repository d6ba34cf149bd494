import { useComputed, useSignal } from "@preact/signals";
import { useMemo, useRef } from "preact/hooks";
import { trainerTexts as t } from "../../i18n/trainers";
import { MonitorScreen } from "../../monitor/MonitorScreen";
import { settings } from "../../monitor/settings";
import { theme } from "../../theme/theme";
import { ADULT_LIMITS } from "../../patient/signs";
import type { LastValues } from "../../wire/types";
import { Icon } from "../icons";
import { CuffControls } from "./controls/Cuff";
import { useRoom } from "./room";
import "./preview.css";

/** What the trainees see, by the trainees' own component: silent, and not to be operated. */
export function Preview() {
  const room = useRoom();
  const texts = t.value.dashboard.room;
  const isShown = useSignal(true);
  if (room.isOver.value) return null;
  return (
    <section class="db-preview" data-shown={isShown.value ? "yes" : "no"} aria-labelledby="part-preview-title">
      <div class="db-preview-head">
        <h2 id="part-preview-title">{texts.preview}</h2>
        <Ahead />
        <button
          type="button"
          class="db-button db-button-quiet"
          aria-expanded={isShown.value}
          aria-label={isShown.value ? `${texts.preview_hide}: ${texts.preview}` : texts.preview_show}
          onClick={() => {
            isShown.value = !isShown.value;
          }}
        >
          <Icon name={isShown.value ? "cross" : "expand"} />
        </button>
      </div>
      {isShown.value ? (
        <div class="db-preview-screen" inert>
          <Screen />
        </div>
      ) : null}
      <CuffControls />
    </section>
  );
}

/** Without a network this screen is ahead of the trainees': that has to be said. */
function Ahead() {
  const room = useRoom();
  const isAhead = useComputed(() => {
    const isWaiting = room.entries.value.some((entry) => entry.kind === "vitals:push" && entry.state !== "kept");
    return isWaiting && !room.device.isOnline.value;
  }).value;
  return (
    <p class="db-ahead" role="status">
      {isAhead ? (
        <>
          <Icon name="wifi_off" /> {t.value.dashboard.room.preview_ahead}
        </>
      ) : null}
    </p>
  );
}

function Screen() {
  const room = useRoom();
  const last = room.shown.value;
  const at = useSince(last, () => room.device.serverNow());
  const limits = useComputed(() => room.session.value?.limits ?? ADULT_LIMITS).value;
  const showsConditions = useComputed(() => room.session.value?.shows_conditions ?? false).value;
  const serverNow = useMemo(() => () => room.device.serverNow(), [room]);
  return (
    <MonitorScreen
      compact
      state={{ session_id: room.id, last_values: last, at, limits }}
      showsConditions={showsConditions}
      serverNow={serverNow}
      theme={theme.value}
      units={settings.value.units}
    />
  );
}

/** When these values were first seen here (milliseconds of the server's clock). */
function useSince(values: LastValues, now: () => number): number {
  const seen = useRef<{ values: LastValues; at: number } | null>(null);
  if (seen.current === null || seen.current.values !== values) seen.current = { values, at: now() };
  return seen.current.at;
}
