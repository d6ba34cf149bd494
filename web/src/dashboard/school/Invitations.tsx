import { useSignal } from "@preact/signals";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import type { Invitation, Refusal } from "../../wire/types";
import { useDevice } from "../context";
import { Confirm } from "../Dialog";
import { dayTime } from "../fmt";
import { announce } from "../shell/announce";
import { accountReason } from "./accountProblems";

/** Those that wait; one that has run out stays in sight until somebody withdraws it or invites anew. */
export function Invitations(props: { invitations: readonly Invitation[]; look: () => Promise<void> }) {
  const { people } = useDevice();
  const texts = t.value.people.school;
  const asked = useSignal<Invitation | null>(null);
  const refusal = useSignal<Refusal | null>(null);
  const withdraw = async ({ id, name }: Invitation) => {
    const answer = await people.withdrawInvitation(id);
    refusal.value = answer.ok ? null : answer.refusal;
    if (answer.ok) announce(fill(texts.withdrawn, { name }));
    await props.look();
  };
  return (
    <section class="db-invitations">
      <h2>{texts.invitations}</h2>
      {refusal.value === null ? null : (
        <p class="db-problem" data-shown="yes" role="alert">
          {accountReason(refusal.value)}
        </p>
      )}
      {props.invitations.length === 0 ? (
        <p class="db-hint">{texts.no_invitations}</p>
      ) : (
        <InvitationTable invitations={props.invitations} ask={(one) => (asked.value = one)} />
      )}
      {asked.value === null ? null : (
        <Confirm
          title={fill(texts.withdraw_title, { name: asked.value.name })}
          yes={texts.withdraw}
          onYes={() => void withdraw(asked.value!)}
          onClose={() => (asked.value = null)}
        >
          <p>{texts.withdraw_help}</p>
        </Confirm>
      )}
    </section>
  );
}

function InvitationTable(props: { invitations: readonly Invitation[]; ask: (invitation: Invitation) => void }) {
  const device = useDevice();
  const texts = t.value.people.school;
  const now = device.serverNow();
  const until = (at: number) => (at <= now ? texts.run_out : dayTime(at, now));
  return (
    <table class="db-table db-outbox db-people">
      <thead>
        <tr>
          <th scope="col">{t.value.people.name}</th>
          <th scope="col">{t.value.people.email}</th>
          <th scope="col">{t.value.people.role}</th>
          <th scope="col">{texts.invited_by}</th>
          <th scope="col">{texts.until}</th>
          <th scope="col">{texts.actions}</th>
        </tr>
      </thead>
      <tbody>
        {props.invitations.map((one) => (
          <tr key={one.id}>
            <th scope="row" data-label={t.value.people.name}>
              {one.name}
            </th>
            <td data-label={t.value.people.email}>{one.email}</td>
            <td data-label={t.value.people.role}>{t.value.dashboard.menu.role[one.role]}</td>
            <td data-label={texts.invited_by}>{one.invited_by}</td>
            <td data-label={texts.until}>{until(Date.parse(one.expires_at))}</td>
            <td data-label={texts.actions}>
              <button
                type="button"
                class="db-button"
                aria-label={`${texts.withdraw}: ${one.name}`}
                onClick={() => props.ask(one)}
              >
                {texts.withdraw}
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
