import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { pathTo } from "../../app/pages";
import { go } from "../../app/route";
import { BOUNDS } from "../../generated/catalogue";
import { trainerTexts as t } from "../../i18n/trainers";
import type { Refusal } from "../../wire/types";
import { useDevice } from "../context";
import { accountProblems, accountReason } from "../school/accountProblems";
import { AccountForm } from "../school/AccountForm";
import { AccountInput, PasswordInput } from "../school/fields";
import { DeadEnd, Entrance } from "./Entrance";
import "./entrance.css";

/** A new server, by the link of its terminal: the school, and its first admin. */
export function FirstEntrance(props: { token: string }) {
  const { people } = useDevice();
  const texts = t.value.people.first;
  const refusal = useSignal<Refusal | null>(null);
  const isOpen = useSignal(false);
  const look = async () => {
    const answer = await people.findFirstAdmin(props.token);
    isOpen.value = answer.ok;
    refusal.value = answer.ok ? null : answer.refusal;
  };
  useEffect(() => void look(), [props.token]);
  if (refusal.value?.code === "conflict") return <DeadEnd page={texts.page} title={texts.used_title} why={texts.used} />;
  if (refusal.value?.code === "not_found")
    return <DeadEnd page={texts.page} title={texts.unknown_title} why={texts.unknown} />;
  if (refusal.value !== null)
    return (
      <DeadEnd page={texts.page} title={texts.failed_title} why={accountReason(refusal.value)} again={() => void look()} />
    );
  return (
    <Entrance page={texts.page} title={texts.title}>
      {isOpen.value ? <Form token={props.token} refused={(why) => (refusal.value = why)} /> : null}
    </Entrance>
  );
}

function Form(props: { token: string; refused: (refusal: Refusal) => void }) {
  const device = useDevice();
  const texts = t.value.people;
  const [school, name, email, password] = [useSignal(""), useSignal(""), useSignal(""), useSignal("")];
  const made = () => ({
    school: school.value.trim(),
    name: name.value.trim(),
    email: email.value.trim(),
    password: password.value,
  });
  const send = async () => {
    const refused = await device.makeFirstAdmin(props.token, made());
    if (refused === null) go(pathTo("school"), { replace: true });
    // Somebody else was here first.
    if (refused?.code === "conflict") props.refused(refused);
    return refused;
  };
  return (
    <>
      <p>{texts.first.lead}</p>
      <AccountForm check={() => accountProblems(made())} send={send} submit={texts.first.submit}>
        {(problems) => (
          <>
            <AccountInput label={texts.first.school} value={school} problem={problems.school} autocomplete="organization" autofocus />
            <AccountInput label={texts.name} value={name} problem={problems.name} hint={texts.name_hint} autocomplete="name" />
            <AccountInput label={texts.email} value={email} problem={problems.email} type="email" autocomplete="username" maxLength={BOUNDS.email_characters} />
            <PasswordInput label={texts.password} value={password} problem={problems.password} autocomplete="new-password" />
          </>
        )}
      </AccountForm>
    </>
  );
}
