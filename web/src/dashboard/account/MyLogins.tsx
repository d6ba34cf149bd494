import { signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import type { OwnLogin, Refusal } from "../../wire/types";
import { useDevice } from "../context";
import { dayTime } from "../fmt";
import { accountReason } from "../school/accountProblems";
import { announce } from "../shell/announce";
import { agentWords } from "./agent";
import "../outbox/outbox.css";

const looks = signal(0);

/** Something else on the page has ended some of them. */
export function lookAgain(): void {
  looks.value++;
}

/** Where one is logged in. That of this page is ended by logging out. */
export function MyLogins() {
  const { people } = useDevice();
  const texts = t.value.people.me;
  const read = useSignal<OwnLogin[]>([]);
  const refusal = useSignal<Refusal | null>(null);
  const look = async () => {
    const answer = await people.logins();
    if (answer.ok) read.value = answer.value.items;
    refusal.value = answer.ok ? null : answer.refusal;
  };
  useEffect(() => void look(), [looks.value]);
  const end = async ({ id }: OwnLogin) => {
    const answer = await people.endLogin(id);
    if (answer.ok) announce(texts.ended);
    await look();
    if (!answer.ok) refusal.value = answer.refusal;
  };
  return (
    <>
      <p class="db-hint">{texts.logins_help}</p>
      {refusal.value === null ? null : (
        <p class="db-problem" data-shown="yes" role="alert">
          {accountReason(refusal.value)}
        </p>
      )}
      <table class="db-table db-outbox">
        <thead>
          <tr>
            <th scope="col">{texts.device}</th>
            <th scope="col">{texts.since}</th>
            <th scope="col">{texts.until}</th>
            <th scope="col">{texts.actions}</th>
          </tr>
        </thead>
        <tbody>
          {read.value.map((login) => (
            <LoginRow key={login.id} login={login} end={() => void end(login)} />
          ))}
        </tbody>
      </table>
    </>
  );
}

function LoginRow(props: { login: OwnLogin; end: () => void }) {
  const device = useDevice();
  const texts = t.value.people.me;
  const { agent, created_at, expires_at, is_current } = props.login;
  const now = device.serverNow();
  const [words, when] = [agentWords(agent), dayTime(Date.parse(created_at), now)];
  return (
    <tr>
      <th scope="row" data-label={texts.device}>
        {words}
      </th>
      <td data-label={texts.since}>{when}</td>
      <td data-label={texts.until}>{dayTime(Date.parse(expires_at), now)}</td>
      <td data-label={texts.actions}>
        {is_current ? (
          texts.this_one
        ) : (
          <button type="button" class="db-button" aria-label={fill(texts.end_named, { device: words, when })} onClick={props.end}>
            {texts.end}
          </button>
        )}
      </td>
    </tr>
  );
}
