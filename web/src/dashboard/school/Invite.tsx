import { useSignal } from "@preact/signals";
import { BOUNDS } from "../../generated/catalogue";
import { trainerTexts as t } from "../../i18n/trainers";
import type { Invited, Role } from "../../wire/types";
import { useDevice } from "../context";
import { Dialog } from "../Dialog";
import { accountProblems } from "./accountProblems";
import { AccountForm } from "./AccountForm";
import { AccountInput, RoleChoice } from "./fields";

export function Invite(props: { done: (invited: Invited) => void; onClose: () => void }) {
  const { people } = useDevice();
  const texts = t.value.people;
  const [email, name, role] = [useSignal(""), useSignal(""), useSignal<Role>("trainer")];
  const send = async () => {
    const answer = await people.invite({ email: email.value.trim(), name: name.value.trim(), role: role.value });
    if (!answer.ok) return answer.refusal;
    props.done(answer.value);
    return null;
  };
  return (
    <Dialog title={texts.school.invite_title} onClose={props.onClose}>
      <p class="db-hint">{texts.school.invite_help}</p>
      <AccountForm
        check={() => accountProblems({ email: email.value, name: name.value })}
        send={send}
        submit={texts.school.invite_yes}
        onClose={props.onClose}
      >
        {(problems) => (
          <>
            <AccountInput label={texts.name} value={name} problem={problems.name} hint={texts.name_hint} autofocus />
            <AccountInput label={texts.email} value={email} problem={problems.email} type="email" maxLength={BOUNDS.email_characters} />
            <RoleChoice value={role} problem={problems.role} />
          </>
        )}
      </AccountForm>
    </Dialog>
  );
}
