import { useComputed } from "@preact/signals";
import { trainerTexts as t } from "../../../i18n/trainers";
import { isOn } from "../../../patient/circulation";
import { Roving } from "../../keys/Roving";
import { numbered } from "../../keys/shortcuts";
import { markerName } from "../../words";
import { useRoom } from "../room";
import { isDesk } from "../wide";
import { markersFor } from "./markers";
import "./markers.css";

/** What happened, with one tap each. */
export function Markers() {
  const room = useRoom();
  const texts = t.value.dashboard.notes;
  // Not with every push: only when the compressions begin or end.
  const areOn = useComputed(() => isOn(room.shown.value, "cpr"));
  const { near, further } = useComputed(() => {
    const compressions = room.canSteer.value ? { areOn: areOn.value } : null;
    return markersFor(room.itsCase.value, { compressions, isDesk: isDesk.value });
  }).value;
  if (!room.may("add_marker")) return null;
  const button = (key: string, place: number) => (
    <button key={key} type="button" class="db-marker" {...numbered(place)} onClick={() => room.mark(key)}>
      {markerName(key)}
    </button>
  );
  return (
    <div class="db-happened">
      <Roving class="db-markers" role="toolbar" label={texts.markers_title}>
        {near.map(button)}
      </Roving>
      {further.length === 0 ? null : (
        <details
          class="db-more-markers"
          onKeyDown={(event) => {
            if (event.key === "Escape") close(event.currentTarget);
          }}
          onClick={(event) => {
            // On a desk they lie over the page, and go when one was tapped.
            if (isDesk.peek() && (event.target as Element).closest("button") !== null) close(event.currentTarget);
          }}
        >
          <summary>{texts.more_markers}</summary>
          <Roving class="db-markers" role="toolbar" label={texts.more_markers}>
            {further.map((key) => button(key, Number.POSITIVE_INFINITY))}
          </Roving>
        </details>
      )}
    </div>
  );
}

function close(details: HTMLDetailsElement) {
  details.open = false;
  details.querySelector("summary")?.focus();
}
