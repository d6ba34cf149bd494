import { useEffect } from "preact/hooks";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import type { Upstream } from "../../wire/types";
import { useDevice } from "../context";
import { dayTime } from "../fmt";
import { Icon } from "../icons";
import { counted } from "../words";

/** By so much a clock may be off before it is told: records keep the hall's times. */
const OFF_MS = 5 * 60_000;

/** One line of a hall: what is at the central server, and what is not yet. Tapped, it is tried now. */
export function HallLine() {
  const device = useDevice();
  const isIn = device.me.value !== null;
  useEffect(() => (isIn ? device.watchHall() : undefined), [device, isIn]);
  const hall = device.hall.value;
  if (!isIn || hall === null) return null;
  const texts = t.value.dashboard.hall;
  const minutes = minutesOff(hall);
  return (
    <div class="db-hall" data-well={hall.is_well ? "yes" : "no"}>
      <button type="button" class="db-hall-line" title={texts.hint} onClick={() => void device.hurryHall()}>
        <Icon name={hall.is_well ? "check" : hall.problem === null ? "up" : "alert"} />
        <span>{hallWords(hall, device.serverNow())}</span>
      </button>
      {minutes === 0 ? null : <p>{counted(minutes, texts.clock)}</p>}
    </div>
  );
}

export function hallWords(hall: Upstream, now: number): string {
  const texts = t.value.dashboard.hall;
  const { problem, waiting } = hall;
  if (problem?.kind === "revoked") return texts.revoked;
  const why = problem === null ? "" : `, ${texts.problems[problem.kind]}`;
  const changes = waiting.templates + waiting.sessions + waiting.events + waiting.annotations;
  const since = waiting.since === null ? null : dayTime(Date.parse(waiting.since), now);
  if (changes > 0) return fill(counted(changes, since === null ? texts.wait : texts.wait_since), { time: since ?? "" }) + why;
  if (hall.refused.length > 0) return counted(hall.refused.length, texts.refused) + why;
  if (hall.completed_at === null) return texts.never + why;
  return fill(texts.sent, { time: dayTime(Date.parse(hall.completed_at), now) }) + why;
}

function minutesOff(hall: Upstream): number {
  const off = Math.abs(hall.clock_offset_ms ?? 0);
  return off > OFF_MS ? Math.round(off / 60_000) : 0;
}
