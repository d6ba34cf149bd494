import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { mayInSchool } from "../../device/permissions";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import type { SchoolDevices, SyncCall, SyncDevice } from "../../wire/sync";
import type { Refusal } from "../../wire/types";
import { useDevice } from "../context";
import { Confirm } from "../Dialog";
import { dayTime, wholeNumber } from "../fmt";
import { announce } from "../shell/announce";
import { counted, reason } from "../words";
import { ExportSchool } from "./ExportSchool";
import "../outbox/outbox.css";
import "./devices.css";

/** For admins: who keeps a copy of the school, how current it is, and what was sent. Read when it is looked at. */
export function DevicesPage() {
  const device = useDevice();
  const texts = t.value.cases.devices;
  const read = useSignal<SchoolDevices | null>(null);
  const refusal = useSignal<Refusal | null>(null);
  const asked = useSignal<{ what: "forget" | "revoke"; device: SyncDevice } | null>(null);
  const me = device.me.value;
  const isAllowed = me !== null && mayInSchool("see_devices", me);
  const look = async () => {
    const answer = await device.schoolDevices();
    if (answer.ok) read.value = answer.value;
    refusal.value = answer.ok ? null : answer.refusal;
  };
  useEffect(() => {
    if (isAllowed) void look();
  }, [device, isAllowed]);
  const decide = async (deciding: Promise<Refusal | null>, done: string) => {
    refusal.value = await deciding;
    if (refusal.value !== null) return;
    announce(done);
    await look();
  };
  const forget = ({ clientId }: SyncDevice) => decide(device.forgetDevice(clientId), texts.forgotten);
  const revoke = ({ clientId }: SyncDevice) => decide(device.revokeDevice(clientId), texts.is_revoked);
  const letIn = ({ clientId }: SyncDevice) => decide(device.letDeviceIn(clientId), texts.is_let_in);
  return (
    <main class="db-page" id="content" tabIndex={-1}>
      <div class="db-list-head">
        <h1>{t.value.dashboard.nav.devices}</h1>
        {isAllowed ? (
          <button type="button" class="db-button" onClick={() => void look()}>
            {texts.reload}
          </button>
        ) : null}
      </div>
      <p class="db-hint">{isAllowed ? texts.lead : texts.forbidden}</p>
      {refusal.value === null ? null : (
        <p class="db-problem" data-shown="yes" role="alert">
          {reason(refusal.value)}
        </p>
      )}
      {read.value === null ? null : (
        <>
          <DeviceTable
            school={read.value}
            ask={(what, one) => (asked.value = { what, device: one })}
            letIn={(one) => void letIn(one)}
          />
          <OpenConflicts school={read.value} />
          <Log school={read.value} />
        </>
      )}
      {me !== null && mayInSchool("export_school", me) ? <ExportSchool /> : null}
      {asked.value === null ? null : (
        <Question
          what={asked.value.what}
          onYes={() => void (asked.value!.what === "forget" ? forget : revoke)(asked.value!.device)}
          onClose={() => (asked.value = null)}
        />
      )}
    </main>
  );
}

function Question(props: { what: "forget" | "revoke"; onYes: () => void; onClose: () => void }) {
  const texts = t.value.cases.devices;
  const { what, onYes, onClose } = props;
  const isForgetting = what === "forget";
  return (
    <Confirm
      title={isForgetting ? texts.forget_title : texts.revoke_title}
      yes={isForgetting ? texts.forget : texts.revoke}
      onYes={onYes}
      onClose={onClose}
    >
      <p>{isForgetting ? texts.forget_help : texts.revoke_help}</p>
    </Confirm>
  );
}

/** The first letters of its id tell one device of a trainer from another. */
function shortName(clientId: string): string {
  return clientId.slice(0, 8);
}

function ownerOf(clientId: string, { devices, names }: SchoolDevices): string {
  const device = devices.find((one) => one.clientId === clientId);
  return names[device?.trainerId ?? device?.hallId ?? ""] ?? t.value.cases.devices.unknown;
}

function DeviceTable(props: {
  school: SchoolDevices;
  ask: (what: "forget" | "revoke", device: SyncDevice) => void;
  letIn: (device: SyncDevice) => void;
}) {
  const device = useDevice();
  const texts = t.value.cases.devices;
  const { school } = props;
  if (school.devices.length === 0) return <p>{texts.none}</p>;
  return (
    <table class="db-table db-outbox">
      <thead>
        <tr>
          <th scope="col">{texts.trainer}</th>
          <th scope="col">{texts.device}</th>
          <th scope="col">{texts.seen}</th>
          <th scope="col">{texts.standing}</th>
          <th scope="col">{texts.actions}</th>
        </tr>
      </thead>
      <tbody>
        {school.devices.map((one) => (
          <tr key={one.clientId}>
            <th scope="row" data-label={texts.trainer}>
              {ownerOf(one.clientId, school)}
            </th>
            <td data-label={texts.device}>{shortName(one.clientId)}</td>
            <td data-label={texts.seen}>{dayTime(Date.parse(one.lastSeenAt), device.serverNow())}</td>
            <td data-label={texts.standing}>{standingOf(one, device.serverNow())}</td>
            <td data-label={texts.actions}>
              <span class="db-entry-actions">
                {one.revokedAt === null ? (
                  <>
                    <Act text={texts.revoke} of={one} school={school} onClick={() => props.ask("revoke", one)} />
                    <Act text={texts.forget} of={one} school={school} onClick={() => props.ask("forget", one)} />
                  </>
                ) : (
                  <Act text={texts.let_in} of={one} school={school} onClick={() => props.letIn(one)} />
                )}
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Act(props: { text: string; of: SyncDevice; school: SchoolDevices; onClick: () => void }) {
  const { text, of, school, onClick } = props;
  const label = `${text}: ${ownerOf(of.clientId, school)}, ${shortName(of.clientId)}`;
  return (
    <button type="button" class="db-button" aria-label={label} onClick={onClick}>
      {text}
    </button>
  );
}

function standingOf({ behind, revokedAt, revokedBy }: SyncDevice, now: number): string {
  const texts = t.value.cases.devices;
  if (revokedAt === null) return behind ? texts.behind : texts.level;
  return fill(texts.revoked, { who: revokedBy?.name ?? texts.unknown, when: dayTime(Date.parse(revokedAt), now) });
}

function OpenConflicts({ school }: { school: SchoolDevices }) {
  const device = useDevice();
  const texts = t.value.cases.devices;
  return (
    <section class="db-devices-part">
      <h2>{texts.conflicts}</h2>
      {school.conflicts.length === 0 ? (
        <p>{texts.no_conflicts}</p>
      ) : (
        <ul>
          {school.conflicts.map(({ id, clientId, trainerId, localPayload, serverData, createdAt }) => {
            const what = serverData?.payload.title ?? localPayload?.title ?? localPayload?.name ?? texts.deleted;
            const when = dayTime(Date.parse(createdAt), device.serverNow());
            const [trainer, short] = [school.names[trainerId ?? ""] ?? texts.unknown, shortName(clientId)];
            return <li key={id}>{fill(texts.conflict, { trainer, device: short, what, when })}</li>;
          })}
        </ul>
      )}
    </section>
  );
}

function Log({ school }: { school: SchoolDevices }) {
  const device = useDevice();
  const texts = t.value.cases.devices;
  return (
    <section class="db-devices-part">
      <h2>{texts.log}</h2>
      {school.calls.length === 0 ? (
        <p>{texts.no_log}</p>
      ) : (
        <table class="db-table db-outbox">
          <thead>
            <tr>
              <th scope="col">{texts.time}</th>
              <th scope="col">{texts.trainer}</th>
              <th scope="col">{texts.direction}</th>
              <th scope="col">{texts.count}</th>
              <th scope="col">{texts.outcome}</th>
            </tr>
          </thead>
          <tbody>
            {school.calls.map((call) => (
              <tr key={call.id}>
                <td data-label={texts.time}>{dayTime(Date.parse(call.startedAt), device.serverNow())}</td>
                <th scope="row" data-label={texts.trainer}>
                  {ownerOf(call.clientId, school)}
                </th>
                <td data-label={texts.direction}>{call.direction === "UP" ? texts.up : texts.down}</td>
                <td data-label={texts.count}>{wholeNumber(call.eventsCount)}</td>
                <td data-label={texts.outcome}>{outcomeOf(call)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function outcomeOf({ status, conflictsCount, rejectedCount }: SyncCall): string {
  const { success, partial, failed } = t.value.cases.devices;
  if (status === "FAILED") return failed;
  const missing = conflictsCount + rejectedCount;
  return missing === 0 ? success : counted(missing, partial);
}
