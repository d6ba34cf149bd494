import { useSignal } from "@preact/signals";
import { trainerTexts as t } from "../../i18n/trainers";
import { useDevice } from "../context";
import { Dialog } from "../Dialog";
import { Icon } from "../icons";
import { LoginForm } from "./Login";
import { reason } from "../words";

/** What stops the work from reaching the server and needs a person: above every page, in the way of none. */
export function Banner() {
  const device = useDevice();
  const isAsked = useSignal(false);
  const problem = device.problem.value;
  const needsLogin = device.needsLogin.value;
  const texts = t.value.device;
  if (problem === null && !needsLogin) return null;
  return (
    <div class="db-banner" role="alert">
      <Icon name="alert" />
      <p>{problem === null ? texts.needs_login : reason(problem)}</p>
      {needsLogin ? (
        <button
          type="button"
          class="db-button"
          onClick={() => {
            isAsked.value = true;
          }}
        >
          {t.value.dashboard.status.login}
        </button>
      ) : null}
      {isAsked.value ? (
        <Dialog title={t.value.dashboard.login.title} onClose={() => (isAsked.value = false)}>
          <LoginForm email={device.me.value?.email ?? ""} onDone={() => (isAsked.value = false)} />
        </Dialog>
      ) : null}
    </div>
  );
}
