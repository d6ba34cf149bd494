import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { pathTo } from "../../app/pages";
import { go } from "../../app/route";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import type { FoundInvitation, Refusal } from "../../wire/types";
import { useDevice } from "../context";
import { dayTime } from "../fmt";
import { accountProblems, accountReason } from "../school/accountProblems";
import { AccountForm } from "../school/AccountForm";
import { PasswordInput } from "../school/fields";
import { roleName } from "../school/staff";
import { DeadEnd, Entrance } from "./Entrance";
import "./entrance.css";

/** Whoever opens the link of an invitation: what it is for, a password, and in. */
export function InvitationEntrance(props: { token: string }) {
  const { people } = useDevice();
  const texts = t.value.people.invitation;
  const found = useSignal<FoundInvitation | null>(null);
  const refusal = useSignal<Refusal | null>(null);
  /** The invitation is open, and its account cannot be made: somebody else has made one. */
  const isTaken = useSignal(false);
  const look = async () => {
    refusal.value = null;
    const answer = await people.findInvitation(props.token);
    if (answer.ok) found.value = answer.value;
    else refusal.value = answer.refusal;
    return answer;
  };
  useEffect(() => void look(), [props.token]);
  const conflicted = async () => {
    const answer = await look();
    isTaken.value = answer.ok && answer.value.standing === "open";
  };
  if (refusal.value !== null) return <NotFound refusal={refusal.value} again={() => void look()} />;
  if (found.value === null)
    return (
      <Entrance page={texts.page} title={texts.page}>
        <p class="db-hint" role="status">
          {texts.looking}
        </p>
      </Entrance>
    );
  const { standing, invited_by, email } = found.value;
  if (isTaken.value) return <DeadEnd page={texts.page} title={texts.account_title} why={fill(texts.account, { email })} />;
  if (standing !== "open")
    return (
      <DeadEnd page={texts.page} title={texts[`${standing}_title`]} why={fill(texts[standing], { inviter: invited_by })} />
    );
  return <Acceptance token={props.token} found={found.value} conflicted={conflicted} />;
}

function NotFound(props: { refusal: Refusal; again: () => void }) {
  const texts = t.value.people.invitation;
  if (props.refusal.code === "not_found") return <DeadEnd page={texts.page} title={texts.unknown_title} why={texts.unknown} />;
  return <DeadEnd page={texts.page} title={texts.failed_title} why={accountReason(props.refusal)} again={props.again} />;
}

function Acceptance(props: { token: string; found: FoundInvitation; conflicted: () => Promise<void> }) {
  const device = useDevice();
  const texts = t.value.people.invitation;
  const password = useSignal("");
  const { name, school, email, role, invited_by, expires_at } = props.found;
  const other = device.me.value;
  const send = async () => {
    const refused = await device.acceptInvitation(props.token, password.value);
    if (refused === null) go(pathTo("sessions"), { replace: true });
    if (refused?.code === "conflict") {
      await props.conflicted();
      return null;
    }
    return refused;
  };
  return (
    <Entrance page={texts.page} title={fill(texts.title, { name })}>
      <p>{fill(texts.lead, { inviter: invited_by, school, role: roleName(role), email })}</p>
      <p class="db-hint">{fill(texts.until, { until: dayTime(Date.parse(expires_at), device.serverNow()) })}</p>
      {other === null ? null : <p class="db-entrance-other">{fill(texts.other_account, { name: other.name })}</p>}
      <AccountForm
        check={() => accountProblems({ password: password.value })}
        send={send}
        submit={fill(texts.submit, { school })}
      >
        {(problems) => (
          <>
            {/* For those who keep passwords for people: whose this is. */}
            <input type="hidden" autocomplete="username" value={email} />
            <PasswordInput label={t.value.people.password} value={password} problem={problems.password} autocomplete="new-password" autofocus />
          </>
        )}
      </AccountForm>
    </Entrance>
  );
}
