import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import type { Trainer } from "../../wire/types";
import { useDevice } from "../context";
import { CopyText } from "../CopyText";
import { Dialog } from "../Dialog";
import { accountProblems } from "./accountProblems";
import { AccountForm } from "./AccountForm";
import { PasswordInput } from "./fields";
import { proposedPassword } from "./staff";

/** One is proposed and in sight: it is told by word of mouth. */
export function NewPassword(props: { trainer: Trainer; done: (said: string) => void; onClose: () => void }) {
  const { people } = useDevice();
  const texts = t.value.people;
  const { id, name } = props.trainer;
  const password = useSignal(useMemo(() => proposedPassword(crypto.getRandomValues(new Uint8Array(16))), []));
  const send = async () => {
    const answer = await people.changeTrainer(id, { password: password.value });
    if (!answer.ok) return answer.refusal;
    props.done(fill(texts.school.reset_done, { name }));
    return null;
  };
  return (
    <Dialog title={fill(texts.school.reset_title, { name })} onClose={props.onClose}>
      <p class="db-hint">{fill(texts.school.reset_help, { name })}</p>
      <AccountForm
        check={() => accountProblems({ password: password.value })}
        send={send}
        submit={texts.school.reset_yes}
        onClose={props.onClose}
      >
        {(problems) => (
          <>
            <PasswordInput label={texts.password} value={password} problem={problems.password} autocomplete="new-password" isShown />
            <CopyText text={password.value} label={`${t.value.dashboard.outbox.copy}: ${texts.password}`} />
          </>
        )}
      </AccountForm>
    </Dialog>
  );
}
