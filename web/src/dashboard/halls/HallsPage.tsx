import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { mayInSchool } from "../../device/permissions";
import type { Settlement } from "../../device/sync/edits";
import type { HallConflict, SchoolHalls } from "../../device/sync/schoolHalls";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import type { AddedHall, Hall, Refusal } from "../../wire/types";
import { useDevice } from "../context";
import { Confirm } from "../Dialog";
import { announce } from "../shell/announce";
import { counted, reason } from "../words";
import { AddHall } from "./AddHall";
import { HallConflicts, titleOf } from "./HallConflicts";
import { HallTable } from "./HallTable";
import { HallToken } from "./HallToken";
import "./halls.css";

const LOOK_EVERY = 15_000;

/** For admins: the hall servers of the school, what they have not sent yet, and their tokens. */
export function HallsPage() {
  const device = useDevice();
  const texts = t.value.halls;
  const read = useSignal<SchoolHalls | null>(null);
  const refusal = useSignal<Refusal | null>(null);
  const revoking = useSignal<Hall | null>(null);
  const added = useSignal<AddedHall | null>(null);
  const me = device.me.value;
  const isAllowed = me !== null && mayInSchool("manage_halls", me);
  const look = async () => {
    const answer = await device.schoolHalls();
    if (answer.ok) read.value = answer.value;
    refusal.value = answer.ok ? null : answer.refusal;
  };
  useEffect(() => {
    if (!isAllowed) return;
    void look();
    const timer = setInterval(() => {
      if (document.visibilityState === "visible" && device.isOnline.peek()) void look();
    }, LOOK_EVERY);
    return () => clearInterval(timer);
  }, [device, isAllowed]);
  const revoke = async ({ id, name }: Hall) => {
    refusal.value = await device.revokeHall(id);
    if (refusal.value !== null) return;
    announce(fill(texts.revoked_now, { hall: name }));
    await look();
  };
  const settle = async (conflict: HallConflict, settlement: Settlement) => {
    const refused = await device.settleHallConflict(conflict, settlement);
    if (refused === null) announce(fill(texts.conflicts.settled, { title: titleOf(conflict) }));
    document.getElementById("content")?.focus();
    // What was changed meanwhile is looked at again.
    await look();
    if (refused !== null) refusal.value = refused;
  };
  return (
    <main class="db-page" id="content" tabIndex={-1}>
      <div class="db-list-head">
        <h1>{t.value.dashboard.nav.halls}</h1>
      </div>
      <p class="db-hint">{isAllowed ? texts.lead : texts.forbidden}</p>
      {refusal.value === null ? null : (
        <p class="db-problem" data-shown="yes" role="alert">
          {reason(refusal.value)}
        </p>
      )}
      {read.value === null ? null : (
        <>
          <HallConflicts conflicts={read.value.conflicts} settle={(conflict, settlement) => void settle(conflict, settlement)} />
          <HallTable school={read.value} revoke={(hall) => (revoking.value = hall)} />
          <AddHall
            trainers={read.value.trainers}
            done={(hall) => {
              added.value = hall;
              void look();
            }}
          />
        </>
      )}
      {added.value === null ? null : <HallToken hall={added.value} onClose={() => (added.value = null)} />}
      {revoking.value === null ? null : (
        <Confirm
          title={fill(texts.revoke_title, { hall: revoking.value.name })}
          yes={texts.revoke}
          onYes={() => void revoke(revoking.value!)}
          onClose={() => (revoking.value = null)}
        >
          <p>{texts.revoke_help}</p>
          {revoking.value.open_sessions > 0 ? <p>{counted(revoking.value.open_sessions, texts.revoke_open)}</p> : null}
        </Confirm>
      )}
    </main>
  );
}
