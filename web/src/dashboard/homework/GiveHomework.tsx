import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { BOUNDS } from "../../generated/catalogue";
import { fill, language } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { newId } from "../../wire/ids";
import type { AddedAssignment, Refusal, Template } from "../../wire/types";
import { useDevice } from "../context";
import { Dialog } from "../Dialog";
import { offered } from "../sessions/offered";
import { announce } from "../shell/announce";
import { reason } from "../words";
import { HomeworkLink } from "./HomeworkLink";
import { runsAlone } from "./runsAlone";
import "./homework.css";

const DAYS = 7;
const LONGEST_DAYS = 366;
const DAY_MS = 86_400_000;

/** Which case, under which name, until when; then its link. `template`: the case that was chosen already. */
export function GiveHomework(props: { template?: Template; onGiven?: () => void; onClose: () => void }) {
  const given = useSignal<AddedAssignment | null>(null);
  const texts = t.value.homework;
  const done = (assignment: AddedAssignment) => {
    given.value = assignment;
    announce(fill(texts.given, { title: assignment.title }));
    props.onGiven?.();
  };
  // One dialog for both: one that goes says that it was closed.
  const title = given.value === null ? texts.add : fill(texts.given, { title: given.value.title });
  return (
    <Dialog title={title} onClose={props.onClose}>
      {given.value === null ? <GiveForm {...props} done={done} /> : <Given assignment={given.value} onClose={props.onClose} />}
    </Dialog>
  );
}

function Given(props: { assignment: AddedAssignment; onClose: () => void }) {
  const button = useRef<HTMLButtonElement>(null);
  // The button that was pressed is gone.
  useEffect(() => button.current?.focus(), []);
  return (
    <>
      <HomeworkLink assignment={props.assignment} />
      {props.assignment.ends_by_itself ? null : <p>{t.value.homework.endless}</p>}
      <div class="db-dialog-actions">
        <button ref={button} type="button" class="db-button db-button-main" onClick={props.onClose}>
          {t.value.common.close}
        </button>
      </div>
    </>
  );
}

type Missing = "title" | "until";

function GiveForm(props: { template?: Template; onClose: () => void; done: (given: AddedAssignment) => void }) {
  const device = useDevice();
  const texts = t.value.homework;
  const { own, others } = offered(device.templates.value.filter(runsAlone), language.value);
  const cases = props.template === undefined ? [...own, ...others] : [props.template];
  const chosen = useSignal(cases[0]?.id ?? "");
  // What was typed; until then the name that the case has for trainees.
  const typed = useSignal<string | null>(null);
  const until = useSignal(localText(new Date(device.serverNow() + DAYS * DAY_MS).setHours(20, 0, 0, 0)));
  const missing = useSignal<Missing | null>(null);
  const refusal = useSignal<Refusal | null>(null);
  const isBusy = useSignal(false);
  const id = useRef(newId());
  const fields = { title: useRef<HTMLInputElement>(null), until: useRef<HTMLInputElement>(null) };
  useEffect(() => {
    if (missing.value !== null) fields[missing.value].current?.focus();
  }, [missing.value]);
  const template = cases.find((one) => one.id === chosen.value);
  const title = typed.value ?? (template?.public_title || texts.title_usual);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (isBusy.value || template === undefined) return;
    const moment = Date.parse(until.value);
    missing.value = null;
    missing.value = title.trim() === "" ? "title" : isPossible(moment, device.serverNow()) ? null : "until";
    if (missing.value !== null) return;
    isBusy.value = true;
    const draft = { id: id.current, template_id: template.id, title: title.trim(), until: new Date(moment).toISOString() };
    const answer = await device.giveHomework(draft);
    isBusy.value = false;
    refusal.value = answer.ok ? null : answer.refusal;
    if (answer.ok) props.done(answer.value);
  };
  if (cases.length === 0) return <NoCases onClose={props.onClose} />;
  const problem = missing.value === "title" ? texts.title_missing : missing.value === "until" ? texts.until_wrong : null;
  return (
    <form class="db-homework-form" onSubmit={(event) => void submit(event)} noValidate aria-busy={isBusy}>
      <p class="db-hint">{texts.lead}</p>
      <label class="db-field">
        <span>{texts.case}</span>
        <select value={chosen} disabled={props.template !== undefined} onChange={(event) => (chosen.value = event.currentTarget.value)}>
          {cases.map((one) => (
            <option key={one.id} value={one.id}>
              {one.title}
            </option>
          ))}
        </select>
      </label>
      {props.template === undefined ? <p class="db-hint">{texts.case_hint}</p> : null}
      <label class="db-field">
        <span>{texts.title}</span>
        <input
          ref={fields.title}
          value={title}
          maxLength={BOUNDS.title_characters}
          autocomplete="off"
          aria-invalid={missing.value === "title"}
          aria-describedby="homework-title-hint homework-problem"
          onInput={(event) => (typed.value = event.currentTarget.value)}
        />
      </label>
      <p class="db-hint" id="homework-title-hint">
        {texts.title_hint}
      </p>
      <label class="db-field">
        <span>{texts.until}</span>
        <input
          ref={fields.until}
          type="datetime-local"
          value={until}
          aria-invalid={missing.value === "until"}
          aria-describedby="homework-until-hint homework-problem"
          onInput={(event) => (until.value = event.currentTarget.value)}
        />
      </label>
      <p class="db-hint" id="homework-until-hint">
        {texts.until_hint}
      </p>
      <p class="db-problem" id="homework-problem" role="alert" data-shown={problem ?? refusal.value ? "yes" : "no"}>
        {problem ?? (refusal.value === null ? null : reason(refusal.value))}
      </p>
      <div class="db-dialog-actions">
        <button type="button" class="db-button" onClick={props.onClose}>
          {t.value.common.cancel}
        </button>
        <button type="submit" class="db-button db-button-main" aria-disabled={isBusy}>
          {texts.submit}
        </button>
      </div>
    </form>
  );
}

function NoCases(props: { onClose: () => void }) {
  return (
    <>
      <p>{t.value.homework.no_cases}</p>
      <div class="db-dialog-actions">
        <button type="button" class="db-button" autofocus onClick={props.onClose}>
          {t.value.common.close}
        </button>
      </div>
    </>
  );
}

function isPossible(moment: number, now: number): boolean {
  return moment > now && moment <= now + LONGEST_DAYS * DAY_MS;
}

/** As a field of a date and a time wants it, in the time of this device. */
function localText(at: number): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const day = new Date(at);
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}T${two(day.getHours())}:${two(day.getMinutes())}`;
}
