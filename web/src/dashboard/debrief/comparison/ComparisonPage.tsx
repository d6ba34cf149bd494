import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { pathTo } from "../../../app/pages";
import { fill, language } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import type { Comparison, Refusal, Template } from "../../../wire/types";
import { useDevice } from "../../context";
import { Download } from "../../download/Download";
import { Icon } from "../../icons";
import { Link } from "../../shell/Link";
import { reason } from "../../words";
import { ownScores, ownTimes, type OwnScores, type OwnTimes } from "./figures";
import { ItemsTable } from "./ItemsTable";
import { EVERYTHING, isBackwards, momentsOf, type Period } from "./period";
import { PeriodChoice } from "./PeriodChoice";
import { TimesTable } from "./TimesTable";
import "./comparison.css";

/** What the session brought from which somebody comes. */
interface OwnAttempt {
  times: OwnTimes;
  scores: OwnScores;
}

/** All attempts at a case beside each other, without people; read when it is looked at. */
export function ComparisonPage(props: { templateId: string; sessionId: string | null }) {
  const device = useDevice();
  const texts = t.value.comparison;
  const period = useSignal<Period>(EVERYTHING);
  const read = useSignal<Comparison | null>(null);
  const own = useSignal<OwnAttempt | null>(null);
  const refusal = useSignal<Refusal | null>(null);
  const template = device.templates.value.find(({ id }) => id === props.templateId);
  const query = { template_id: props.templateId, ...momentsOf(period.value, device.serverNow()) };
  useEffect(() => {
    if (isBackwards(period.value)) return;
    let isWanted = true;
    void device.comparisons.comparison(query).then((answer) => {
      if (!isWanted) return;
      if (answer.ok) read.value = answer.value;
      refusal.value = answer.ok ? null : answer.refusal;
    });
    return () => {
      isWanted = false;
    };
  }, [device, props.templateId, period.value]);
  useEffect(() => {
    own.value = null;
    if (props.sessionId === null) return;
    void device.comparisons.debrief(props.sessionId).then((answer) => {
      if (answer.ok) own.value = { times: ownTimes(answer.value), scores: ownScores(answer.value) };
    });
  }, [device, props.sessionId]);
  return (
    <main class="db-page" id="content" tabIndex={-1}>
      <p>
        <Back sessionId={props.sessionId} />
      </p>
      <h1>{template === undefined ? texts.title : fill(texts.title_of, { title: template.title })}</h1>
      <p class="db-hint">{texts.lead}</p>
      <div class="db-compared-head">
        <PeriodChoice period={period} />
        {read.value === null || read.value.hidden ? null : <Files query={query} />}
      </div>
      {refusal.value === null ? null : (
        <p class="db-problem" data-shown="yes" role="alert">
          {reason(refusal.value)}
        </p>
      )}
      {read.value === null ? null : (
        <Tables
          read={read.value}
          own={own.value}
          checklist={template?.checklist ?? []}
          hasLonger={period.value.name !== "all"}
        />
      )}
    </main>
  );
}

function Back({ sessionId }: { sessionId: string | null }) {
  const texts = t.value.comparison;
  return (
    <Link to={sessionId === null ? pathTo("templates") : pathTo("room", { session_id: sessionId })} class="db-button">
      <Icon name="back" /> {sessionId === null ? texts.back : texts.back_to_session}
    </Link>
  );
}

/** `hasLonger`: there is a longer period than the one that is looked at. */
function Tables(props: { read: Comparison; own: OwnAttempt | null; checklist: Template["checklist"]; hasLonger: boolean }) {
  const { read, own, checklist, hasLonger } = props;
  const texts = t.value.comparison;
  if (read.hidden)
    return (
      <div class="db-empty" role="status">
        <h2>{texts.few}</h2>
        <p>
          {texts.few_help} {hasLonger && texts.few_longer}
        </p>
      </div>
    );
  if (read.times.length + read.items.length === 0) return <p role="status">{texts.nothing}</p>;
  return (
    <>
      {read.times.length === 0 ? null : <TimesTable times={read.times} own={own?.times ?? null} />}
      {read.items.length === 0 ? null : <ItemsTable items={read.items} checklist={checklist} own={own?.scores ?? null} />}
    </>
  );
}

/** The dialect of the reader's own spreadsheet comes first. */
function Files({ query }: { query: Readonly<Record<string, string>> }) {
  const texts = t.value.goingOut;
  const dialects = language.value === "fr" ? (["fr", "rfc"] as const) : (["rfc", "fr"] as const);
  return (
    <div class="db-files-links" role="group" aria-label={t.value.comparison.files}>
      {dialects.map((dialect) => (
        <Download
          key={dialect}
          path={`/api/v1/comparison?${new URLSearchParams({ ...query, format: "csv", dialect }).toString()}`}
        >
          <Icon name="download" /> {texts.csv[dialect]}
        </Download>
      ))}
    </div>
  );
}
