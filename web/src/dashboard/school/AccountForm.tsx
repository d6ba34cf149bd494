import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { trainerTexts as t } from "../../i18n/trainers";
import type { Refusal } from "../../wire/types";
import { accountReason, refusedFields, type Problems } from "./accountProblems";
import "./account.css";

/** What every form of an account has: what is wrong stands at its field, the first such field has the focus. */
export function AccountForm(props: {
  /** What can be seen to here. */
  check: () => Problems;
  /** Null: done. */
  send: () => Promise<Refusal | null>;
  /** What a refusal says of the fields, where it is not what it always says. */
  problemsOf?: (refusal: Refusal) => Problems;
  submit: string;
  onClose?: () => void;
  children: (problems: Problems) => ComponentChildren;
}) {
  const problems = useSignal<Problems>({});
  const refusal = useSignal<Refusal | null>(null);
  const isBusy = useSignal(false);
  const form = useRef<HTMLFormElement>(null);
  const tell = (found: Problems): boolean => {
    problems.value = found;
    const isWrong = Object.keys(found).length > 0;
    if (isWrong) setTimeout(() => form.current?.querySelector<HTMLElement>("[aria-invalid=true], .db-below-problem")?.focus());
    return isWrong;
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    if (isBusy.value) return;
    refusal.value = null;
    if (tell(props.check())) return;
    isBusy.value = true;
    try {
      const refused = await props.send();
      if (refused === null) return;
      if (!tell((props.problemsOf ?? refusedFields)(refused))) refusal.value = refused;
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <form ref={form} class="db-account-form" onSubmit={(event) => void submit(event)} noValidate aria-busy={isBusy}>
      {props.children(problems.value)}
      {refusal.value === null ? null : (
        <p class="db-problem" role="alert" data-shown="yes">
          {accountReason(refusal.value)}
        </p>
      )}
      <div class="db-dialog-actions">
        {props.onClose === undefined ? null : (
          <button type="button" class="db-button" onClick={props.onClose}>
            {t.value.common.cancel}
          </button>
        )}
        <button type="submit" class="db-button db-button-main" aria-disabled={isBusy}>
          {isBusy.value ? t.value.people.busy : props.submit}
        </button>
      </div>
    </form>
  );
}
