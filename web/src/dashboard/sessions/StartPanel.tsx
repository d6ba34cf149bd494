import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { go } from "../../app/route";
import type { NewSession } from "../../device/outbox/opening";
import { fill, language } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { BOUNDS } from "../../generated/catalogue";
import type { Template } from "../../wire/types";
import { announce } from "../shell/announce";
import { useDevice } from "../context";
import { lasting } from "../fmt";
import { numbered } from "../keys/shortcuts";
import { Icon } from "../icons";
import { pathTo } from "../../app/pages";
import { counted, dotted, named, rhythmName, signWords } from "../words";
import { offered } from "./offered";

const DURATIONS = [30, 60, 120, 240, 480] as const;

/** One click opens a session, from scratch or from a template. What is written beside it is never required. */
export function StartPanel() {
  const device = useDevice();
  const texts = t.value.dashboard.start;
  const title = useRef<HTMLInputElement>(null);
  const publicTitle = useRef<HTMLInputElement>(null);
  const trainee = useRef<HTMLInputElement>(null);
  const duration = useRef<HTMLSelectElement>(null);
  const isOpening = useSignal(false);
  if (device.me.value?.role === "observer")
    return (
      <aside class="db-start" aria-label={texts.title}>
        <p class="db-hint">{texts.observer}</p>
      </aside>
    );
  const open = async (template?: Template) => {
    if (isOpening.value) return;
    isOpening.value = true;
    const draft: NewSession = {};
    const [ownTitle, publiclyNamed, forWhom, minutes] = [
      title.current?.value.trim(),
      publicTitle.current?.value.trim(),
      trainee.current?.value.trim(),
      Number(duration.current?.value),
    ];
    if (ownTitle) draft.title = ownTitle;
    if (publiclyNamed) draft.public_title = publiclyNamed;
    if (forWhom) draft.trainee_name = forWhom;
    if (minutes > 0) draft.duration_minutes = minutes;
    if (template !== undefined) draft.template_id = template.id;
    try {
      go(pathTo("room", { session_id: await device.openSession(draft) }));
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      announce(fill(t.value.dashboard.room.unreadable, { detail }), { urgent: true });
    } finally {
      isOpening.value = false;
    }
  };
  return (
    <aside class="db-start" aria-labelledby="start-title">
      <h2 id="start-title" class="visually-hidden">
        {texts.title}
      </h2>
      <button type="button" class="db-button db-button-main db-start-scratch" onClick={() => void open()}>
        <Icon name="plus" />
        <span>
          {texts.scratch} <small>{texts.scratch_hint}</small>
        </span>
      </button>
      <details class="db-start-details">
        <summary>{texts.details}</summary>
        <label class="db-field">
          <span>{texts.name}</span>
          <input ref={title} type="text" maxLength={BOUNDS.title_characters} autocomplete="off" />
        </label>
        <label class="db-field">
          <span>{texts.public_title}</span>
          <input
            ref={publicTitle}
            type="text"
            maxLength={BOUNDS.title_characters}
            aria-describedby="start-public-hint"
            autocomplete="off"
          />
        </label>
        <p class="db-hint" id="start-public-hint">
          {texts.public_title_hint}
        </p>
        <label class="db-field">
          <span>{texts.trainee}</span>
          <input ref={trainee} type="text" maxLength={BOUNDS.name_characters} autocomplete="off" />
        </label>
        <label class="db-field">
          <span>{texts.duration}</span>
          <select ref={duration}>
            <option value="">{texts.duration_default}</option>
            {DURATIONS.map((minutes) => (
              <option key={minutes} value={minutes}>
                {lasting(minutes * 60)}
              </option>
            ))}
          </select>
        </label>
      </details>
      <h3>{texts.template}</h3>
      <Templates open={open} />
    </aside>
  );
}

function Templates(props: { open: (template: Template) => Promise<void> }) {
  const device = useDevice();
  const texts = t.value.dashboard.start;
  const { own, others } = offered(device.templates.value, language.value);
  if (own.length + others.length === 0)
    return (
      <p class="db-hint">
        <b>{texts.no_templates}.</b> {texts.no_templates_help}
      </p>
    );
  return (
    <>
      {own.length === 0 ? null : <TemplateList templates={own} from={0} open={props.open} />}
      {others.length === 0 ? null : (
        <details class="db-start-details" open={own.length === 0}>
          <summary>{fill(texts.other_languages, { count: String(others.length) })}</summary>
          <TemplateList templates={others} from={own.length} open={props.open} />
        </details>
      )}
    </>
  );
}

function TemplateList(props: {
  templates: readonly Template[];
  /** How many stand before them: the keys count on. */
  from: number;
  open: (template: Template) => Promise<void>;
}) {
  const texts = t.value.dashboard.start;
  return (
    <ul class="db-templates">
      {props.templates.map((template, place) => (
        <li key={template.id} class="db-template">
          <h4 lang={template.language ?? undefined}>{template.title}</h4>
          <button
            type="button"
            class="db-button"
            {...numbered(props.from + place)}
            aria-label={fill(texts.start, { title: template.title })}
            onClick={() => void props.open(template)}
          >
            <Icon name="play" />
            <span>{texts.go}</span>
          </button>
          <p class="db-template-about" lang={template.language ?? undefined}>
            {template.description}
          </p>
          <Reading template={template} />
        </li>
      ))}
    </ul>
  );
}

/** The whole case, to be read before it is started. */
function Reading(props: { template: Template }) {
  const { template } = props;
  const texts = t.value.dashboard.start;
  const about = t.value.dashboard.about;
  return (
    <details class="db-template-reading">
      <summary>
        {about.read} <span>{counted(template.steps.length, texts.steps)}</span>
      </summary>
      <p lang={template.language ?? undefined}>{template.description}</p>
      {template.public_title === "" ? null : <p>{fill(texts.seen, { title: template.public_title })}</p>}
      <p>
        <b>{named(texts.values, "")}</b>
        {dotted([
          ...(template.rhythm === null || template.rhythm === "sinus" ? [] : [rhythmName(template.rhythm)]),
          ...signWords(template.vitals),
        ])}
      </p>
      <Titles title={about.steps} lang={template.language ?? undefined} titles={template.steps.map((step) => step.title)} />
      <Titles title={about.checklist} lang={template.language ?? undefined} titles={template.checklist.map((item) => item.text)} />
    </details>
  );
}

function Titles(props: { title: string; lang: string | undefined; titles: readonly string[] }) {
  if (props.titles.length === 0) return null;
  return (
    <>
      <h5>{props.title}</h5>
      <ol lang={props.lang}>
        {props.titles.map((title) => (
          <li key={title}>{title}</li>
        ))}
      </ol>
    </>
  );
}
