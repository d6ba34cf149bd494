import { useSignal } from "@preact/signals";
import { useCallback, useId, useMemo, useRef } from "preact/hooks";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import type { Tried } from "../../../patient/dryRun";
import { lasting } from "../../fmt";
import type { CaseDraft } from "../draft";
import { Bands } from "./Bands";
import { arrivedIn, courseOf, type Course } from "./course";
import { CourseLanes } from "./CourseLanes";
import { CourseTable } from "./CourseTable";
import { DryRunPanel } from "./DryRunPanel";
import { StepMonitor } from "./StepMonitor";
import { useSettled, useVisible } from "./visible";
import "./preview.css";

const NOTHING: readonly Tried[] = [];

/** How the case goes that is being written: its curves, the monitor in one of its steps, and a dry run. */
export function CasePreview(props: { draft: CaseDraft; selectedKey: string | null; select: (key: string) => void }) {
  const root = useRef<HTMLElement>(null);
  const isVisible = useVisible(root).value;
  const draft = useSettled(props.draft, isVisible);
  const tried = useSignal(NOTHING);
  // What is written about the case changes nothing of its course.
  const parts = [draft.steps, draft.vitals, draft.rhythm, draft.flags, draft.duration_minutes];
  const automatic = useMemo(() => courseOf(draft, NOTHING), parts);
  const isTried = tried.value.length > 0;
  const course = useMemo(() => (isTried ? courseOf(draft, tried.value) : automatic), [automatic, tried.value]);
  const { selectedKey } = props;
  const newest = useRef(props.select);
  newest.current = props.select;
  const select = useCallback((key: string) => newest.current(key), []);
  const title = useId();
  // The same parts while somebody types: none of them is drawn anew before the hand rests.
  const drawn = useMemo(() => {
    const step = draft.steps.find(({ key }) => key === selectedKey);
    return (
      <div class="db-course-parts">
        <Chart draft={draft} course={course} behind={isTried && !course.isPlan ? automatic : null} {...{ selectedKey, select }} />
        <StepMonitor
          title={step?.title ?? null}
          last={step === undefined ? null : arrivedIn(draft, course, step.key)}
          limits={draft.limits}
          isVisible={isVisible}
        />
        <DryRunPanel draft={draft} run={course.run} isPlan={course.isPlan} tried={tried} select={select} />
        {draft.steps.length === 0 ? null : <CourseTable course={course} steps={draft.steps} />}
      </div>
    );
  }, [draft, course, isTried, selectedKey, isVisible]);
  return (
    <section class="db-course" ref={root} aria-labelledby={title}>
      <h2 id={title}>{t.value.preview.title}</h2>
      {drawn}
    </section>
  );
}

function Chart(props: {
  draft: CaseDraft;
  course: Course;
  behind: Course | null;
  selectedKey: string | null;
  select: (key: string) => void;
}) {
  const texts = t.value.preview;
  const { draft, course, behind, selectedKey } = props;
  if (draft.steps.length === 0) return <p class="db-hint">{texts.nothing}</p>;
  const until = Math.max(course.until, behind?.until ?? 0);
  const which = course.isPlan ? "plan" : behind === null ? "automatic" : "tried";
  return (
    <div class="db-course-chart">
      <p class="db-course-legend">
        <span data-line="curve">{texts[which]}</span>
        {behind === null ? null : <span data-line="behind">{texts.automatic}</span>}
        <span data-line="within">{texts.limits}</span>
        {course.pulseless.length === 0 ? null : <span data-line="hatched">{texts.no_pulse}</span>}
      </p>
      <Bands bands={course.bands} until={until} steps={draft.steps} selectedKey={selectedKey} select={props.select} />
      <CourseLanes
        course={course}
        behind={behind}
        limits={draft.limits}
        marked={course.bands.filter(({ key }) => key === selectedKey)}
        until={until}
        label={fill(texts.summary[which], { time: lasting(until) })}
      />
    </div>
  );
}
