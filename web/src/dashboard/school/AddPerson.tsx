import { useSignal } from "@preact/signals";
import { BOUNDS } from "../../generated/catalogue";
import { trainerTexts as t } from "../../i18n/trainers";
import type { Refusal, Role, Trainer } from "../../wire/types";
import { useDevice } from "../context";
import { Dialog } from "../Dialog";
import { accountProblems, refusedFields, type Problems } from "./accountProblems";
import { AccountForm } from "./AccountForm";
import { AccountInput, PasswordInput, RoleChoice } from "./fields";

export function AddPerson(props: { done: (trainer: Trainer) => void; onClose: () => void }) {
  const { people } = useDevice();
  const texts = t.value.people;
  const [email, name, password] = [useSignal(""), useSignal(""), useSignal("")];
  const role = useSignal<Role>("trainer");
  const account = () => ({ email: email.value.trim(), name: name.value.trim(), password: password.value });
  const send = async () => {
    const answer = await people.addTrainer({ ...account(), role: role.value });
    if (!answer.ok) return answer.refusal;
    props.done(answer.value);
    return null;
  };
  return (
    <Dialog title={texts.school.add_title} onClose={props.onClose}>
      <p class="db-hint">{texts.school.add_help}</p>
      <AccountForm
        check={() => accountProblems(account())}
        send={send}
        problemsOf={problemsOfAdding}
        submit={texts.school.add_yes}
        onClose={props.onClose}
      >
        {(problems) => (
          <>
            <AccountInput label={texts.name} value={name} problem={problems.name} hint={texts.name_hint} autofocus />
            <AccountInput label={texts.email} value={email} problem={problems.email} type="email" maxLength={BOUNDS.email_characters} />
            <RoleChoice value={role} problem={problems.role} />
            <PasswordInput label={texts.password} value={password} problem={problems.password} autocomplete="new-password" />
          </>
        )}
      </AccountForm>
    </Dialog>
  );
}

/** Nothing else of a new account can be in conflict with what there is. */
function problemsOfAdding(refusal: Refusal): Problems {
  return refusal.code === "conflict" ? { email: t.value.people.problems.email_taken } : refusedFields(refusal);
}
