import { useSignal } from "@preact/signals";
import { trainerTexts as t } from "../../i18n/trainers";
import type { Refusal } from "../../wire/types";
import { useDevice } from "../context";
import { accountProblems, refusedFields, type Problems } from "../school/accountProblems";
import { AccountForm } from "../school/AccountForm";
import { PasswordInput } from "../school/fields";
import { announce } from "../shell/announce";
import { lookAgain } from "./MyLogins";

export function MyPassword(props: { email: string }) {
  const { people } = useDevice();
  const texts = t.value.people.me;
  const [old, fresh, isDone] = [useSignal(""), useSignal(""), useSignal(false)];
  const send = async () => {
    isDone.value = false;
    const answer = await people.changePassword(old.value, fresh.value);
    if (!answer.ok) return answer.refusal;
    [old.value, fresh.value, isDone.value] = ["", "", true];
    announce(texts.done);
    lookAgain();
    return null;
  };
  return (
    <div class="db-mine-form">
      <AccountForm
        check={() => check(old.value, fresh.value)}
        send={send}
        problemsOf={problemsOf}
        submit={texts.submit}
      >
        {(problems) => (
          <>
            {/* For those who keep passwords for people: whose this is. */}
            <input type="hidden" autocomplete="username" value={props.email} />
            <PasswordInput label={texts.old} value={old} problem={problems.password} autocomplete="current-password" />
            <PasswordInput label={texts.new} value={fresh} problem={problems.new_password} autocomplete="new-password" />
          </>
        )}
      </AccountForm>
      {isDone.value ? <p class="db-good">{texts.done}</p> : null}
    </div>
  );
}

function check(old: string, fresh: string): Problems {
  const found = accountProblems({ new_password: fresh });
  return old === "" ? { password: t.value.people.problems.password_not_yours, ...found } : found;
}

function problemsOf(refusal: Refusal): Problems {
  const found = refusedFields(refusal);
  return found.password === undefined ? found : { ...found, password: t.value.people.problems.password_not_yours };
}
