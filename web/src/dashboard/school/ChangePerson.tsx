import { useSignal } from "@preact/signals";
import { BOUNDS } from "../../generated/catalogue";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import type { Trainer } from "../../wire/types";
import { useDevice } from "../context";
import { Dialog } from "../Dialog";
import { accountProblems, type Problems } from "./accountProblems";
import { AccountForm } from "./AccountForm";
import { AccountInput, RoleChoice } from "./fields";
import { changeOf, changeProblems, isLastAdmin } from "./staff";

export function ChangePerson(props: {
  trainer: Trainer;
  trainers: readonly Trainer[];
  done: (said: string) => void;
  onClose: () => void;
}) {
  const { people } = useDevice();
  const texts = t.value.people;
  const { trainer } = props;
  const [email, name, role] = [useSignal(trainer.email), useSignal(trainer.name), useSignal(trainer.role)];
  const change = () => changeOf(trainer, { email: email.value, name: name.value, role: role.value });
  const check = (): Problems => {
    const found = accountProblems({ email: email.value, name: name.value });
    const leavesNone = role.value !== "admin" && isLastAdmin(trainer, props.trainers);
    return leavesNone ? { ...found, role: texts.problems.role_last_admin } : found;
  };
  const send = async () => {
    const changed = change();
    if (Object.keys(changed).length === 0) {
      props.onClose();
      return null;
    }
    const answer = await people.changeTrainer(trainer.id, changed);
    if (!answer.ok) return answer.refusal;
    const said = fill(texts.school.changed, { name: answer.value.name });
    props.done(changed.role === undefined ? said : `${said}. ${texts.school.changed_logins}`);
    return null;
  };
  return (
    <Dialog title={fill(texts.school.change_title, { name: trainer.name })} onClose={props.onClose}>
      <AccountForm
        check={check}
        send={send}
        problemsOf={(refusal) => changeProblems(refusal, change())}
        submit={texts.save}
        onClose={props.onClose}
      >
        {(problems) => (
          <>
            <AccountInput label={texts.name} value={name} problem={problems.name} hint={texts.name_hint} autofocus />
            <AccountInput label={texts.email} value={email} problem={problems.email} type="email" maxLength={BOUNDS.email_characters} />
            <RoleChoice value={role} problem={problems.role} />
            {role.value === trainer.role ? null : <p class="db-hint">{texts.school.changed_logins}</p>}
          </>
        )}
      </AccountForm>
    </Dialog>
  );
}
