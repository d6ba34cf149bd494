import { useSignal } from "@preact/signals";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import type { Colleague, Refusal, Trainer } from "../../wire/types";
import { useDevice } from "../context";
import { Confirm, Dialog } from "../Dialog";
import { announce } from "../shell/announce";
import { accountReason } from "./accountProblems";
import { ChangePerson } from "./ChangePerson";
import { NewPassword } from "./NewPassword";
import { isLastAdmin } from "./staff";
import "../outbox/outbox.css";

type Doing = { what: "change" | "reset" | "remove"; trainer: Trainer };

export function PeopleTable(props: { trainers: readonly Trainer[]; look: () => Promise<void> }) {
  const { people } = useDevice();
  const texts = t.value.people.school;
  const doing = useSignal<Doing | null>(null);
  const refusal = useSignal<Refusal | null>(null);
  const close = () => (doing.value = null);
  const done = (said: string) => {
    close();
    announce(said);
    void props.look();
  };
  const remove = async ({ id, name }: Trainer) => {
    const answer = await people.removeTrainer(id);
    refusal.value = answer.ok ? null : answer.refusal;
    if (answer.ok) announce(fill(texts.removed, { name }));
    await props.look();
  };
  return (
    <section>
      <h2 class="visually-hidden">{texts.people}</h2>
      {refusal.value === null ? null : (
        <p class="db-problem" data-shown="yes" role="alert">
          {accountReason(refusal.value)}
        </p>
      )}
      <table class="db-table db-outbox db-people">
        <thead>
          <tr>
            <th scope="col">{t.value.people.name}</th>
            <th scope="col">{t.value.people.email}</th>
            <th scope="col">{t.value.people.role}</th>
            <th scope="col">{texts.actions}</th>
          </tr>
        </thead>
        <tbody>
          {props.trainers.map((trainer) => (
            <PersonRow
              key={trainer.id}
              trainer={trainer}
              isLast={isLastAdmin(trainer, props.trainers)}
              ask={(what) => (doing.value = { what, trainer })}
            />
          ))}
        </tbody>
      </table>
      {doing.value === null ? null : (
        <Deed doing={doing.value} trainers={props.trainers} remove={remove} done={done} close={close} />
      )}
    </section>
  );
}

function PersonRow(props: { trainer: Trainer; isLast: boolean; ask: (what: Doing["what"]) => void }) {
  const device = useDevice();
  const texts = t.value.people.school;
  const { name, email, role, id } = props.trainer;
  const isMe = device.me.value?.id === id;
  const roles = t.value.dashboard.menu.role;
  return (
    <tr>
      <th scope="row" data-label={t.value.people.name}>
        <span>
          {name} {isMe ? <small class="db-about-person">{texts.you}</small> : null}
        </span>
      </th>
      <td data-label={t.value.people.email}>{email}</td>
      <td data-label={t.value.people.role}>
        <span>
          {roles[role]} {props.isLast ? <small class="db-about-person">{texts.last_admin}</small> : null}
        </span>
      </td>
      <td data-label={texts.actions}>
        <span class="db-entry-actions">
          <Act text={texts.change} name={name} onClick={() => props.ask("change")} />
          {isMe ? null : <Act text={texts.reset} name={name} onClick={() => props.ask("reset")} />}
          <Act text={texts.remove} name={name} onClick={() => props.ask("remove")} />
        </span>
      </td>
    </tr>
  );
}

function Act(props: { text: string; name: string; onClick: () => void }) {
  return (
    <button type="button" class="db-button" aria-label={`${props.text}: ${props.name}`} onClick={props.onClick}>
      {props.text}
    </button>
  );
}

function Deed(props: {
  doing: Doing;
  trainers: readonly Trainer[];
  remove: (trainer: Trainer) => Promise<void>;
  done: (said: string) => void;
  close: () => void;
}) {
  const texts = t.value.people.school;
  const { what, trainer } = props.doing;
  const { name } = trainer;
  if (what === "change")
    return <ChangePerson trainer={trainer} trainers={props.trainers} done={props.done} onClose={props.close} />;
  if (what === "reset") return <NewPassword trainer={trainer} done={props.done} onClose={props.close} />;
  if (isLastAdmin(trainer, props.trainers))
    return (
      <Dialog title={fill(texts.remove_title, { name })} onClose={props.close}>
        <p>{fill(texts.last_admin_stays, { name })}</p>
        <div class="db-dialog-actions">
          <button type="button" class="db-button db-button-main" onClick={props.close}>
            {texts.good}
          </button>
        </div>
      </Dialog>
    );
  return (
    <Confirm
      title={fill(texts.remove_title, { name })}
      yes={texts.remove}
      onYes={() => void props.remove(trainer)}
      onClose={props.close}
    >
      <p>{texts.remove_help}</p>
    </Confirm>
  );
}

/** For whoever is no admin. */
export function ColleagueTable(props: { colleagues: readonly Colleague[] }) {
  const device = useDevice();
  const roles = t.value.dashboard.menu.role;
  return (
    <table class="db-table db-school-people">
      <thead>
        <tr>
          <th scope="col">{t.value.people.name}</th>
          <th scope="col">{t.value.people.role}</th>
        </tr>
      </thead>
      <tbody>
        {props.colleagues.map(({ id, name, role }) => (
          <tr key={id}>
            <th scope="row">
              {name} {device.me.value?.id === id ? <small class="db-about-person">{t.value.people.school.you}</small> : null}
            </th>
            <td>{roles[role]}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
