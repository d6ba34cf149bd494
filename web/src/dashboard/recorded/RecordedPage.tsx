import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { pathTo } from "../../app/pages";
import { mayInSchool } from "../../device/permissions";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { useDevice } from "../context";
import { Icon } from "../icons";
import { Link } from "../shell/Link";
import { counted } from "../words";
import { KeepRecorded } from "./KeepRecorded";
import { MapColumns } from "./MapColumns";
import { RecordingInHand } from "./opened";
import { RecordedOutcome } from "./RecordedOutcome";
import { CutSection } from "./CutSection";
import "./recorded.css";

/** A file of a monitor becomes a case: chosen, its columns told apart, looked at, kept. All of it in this browser. */
export function RecordedPage() {
  const device = useDevice();
  const texts = t.value.recorded;
  const me = device.me.value;
  const hand = useMemo(() => new RecordingInHand(), []);
  useEffect(() => () => hand.close(), [hand]);
  const isOver = useSignal(false);
  const mayMake = me !== null && mayInSchool("edit_templates", me);
  return (
    <main
      class="db-page db-recorded"
      id="content"
      tabIndex={-1}
      onDragOver={(event) => {
        event.preventDefault();
        isOver.value = mayMake;
      }}
      onDragLeave={() => (isOver.value = false)}
      onDrop={(event) => {
        // A file that is dropped beside the place for it does not take the page away, either.
        event.preventDefault();
        isOver.value = false;
        const files = [...(event.dataTransfer?.files ?? [])];
        if (mayMake && files.length > 0) void hand.choose(files);
      }}
    >
      <p class="db-recorded-back">
        <Link to={pathTo("templates")} class="db-button db-button-quiet">
          <Icon name="back" /> {texts.back}
        </Link>
      </p>
      <h1>{texts.title}</h1>
      {mayMake ? (
        <>
          <p>{texts.lead}</p>
          <p class="db-hint">{texts.stays}</p>
          <ChooseFiles hand={hand} isOver={isOver.value} />
          <InHand hand={hand} />
        </>
      ) : (
        <p class="db-hint">{texts.read_only}</p>
      )}
    </main>
  );
}

function ChooseFiles({ hand, isOver }: { hand: RecordingInHand; isOver: boolean }) {
  const texts = t.value.recorded;
  const input = useRef<HTMLInputElement>(null);
  return (
    <div class="db-recorded-choose" data-over={isOver ? "yes" : "no"}>
      <button type="button" class="db-button db-button-main" onClick={() => input.current?.click()}>
        <Icon name="upload" /> {hand.file.value.is === "opened" ? texts.again : texts.choose}
      </button>
      <span class="db-hint">{texts.drop}</span>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept=".csv,.tsv,.txt,.hea,.dat,text/csv,text/plain"
        aria-label={texts.choose}
        onChange={(event) => {
          const files = [...(event.currentTarget.files ?? [])];
          if (files.length > 0) void hand.choose(files);
          // The same file once more is a choice, too.
          event.currentTarget.value = "";
        }}
      />
    </div>
  );
}

function InHand({ hand }: { hand: RecordingInHand }) {
  const texts = t.value.recorded;
  const file = hand.file.value;
  const head = useRef<HTMLHeadingElement>(null);
  const isOpened = file.is === "opened";
  // Whoever does not see the page is led to what has come.
  useEffect(() => {
    if (isOpened) head.current?.focus();
  }, [isOpened, isOpened ? file.opened : null]);
  switch (file.is) {
    case "none":
      return null;
    case "reading":
      return (
        <p class="db-hint" role="status">
          {texts.reading}
        </p>
      );
    case "unreadable":
      return (
        <p class="db-problem" role="alert">
          <Icon name="alert" /> {faultWords(file.fault, file.line)}
        </p>
      );
    case "opened":
      return (
        <>
          <section class="db-recorded-part" aria-labelledby="recorded-columns">
            <h2 id="recorded-columns" ref={head} tabIndex={-1}>
              {texts.columns}
            </h2>
            <p class="db-hint">
              {counted(file.opened.seen.rows, texts.rows)}. {file.opened.isRemembered ? texts.remembered : texts.columns_hint}
            </p>
            <MapColumns key={file.opened} hand={hand} opened={file.opened} />
          </section>
          <Course hand={hand} />
        </>
      );
  }
}

function Course({ hand }: { hand: RecordingInHand }) {
  const texts = t.value.recorded;
  const course = hand.course.value;
  const mapping = hand.mapping.value;
  if (mapping === null) return null;
  if (course.is === "unmapped") return <p class="db-problem">{texts.nothing_mapped}</p>;
  if (course.is === "unreadable")
    return (
      <p class="db-problem" role="alert">
        <Icon name="alert" /> {faultWords(course.why.fault, course.why.line)}
      </p>
    );
  if (course.is === "working")
    return (
      <p class="db-hint" role="status">
        {texts.working}
      </p>
    );
  const { read, made } = course;
  const { value: isWorking } = hand.isWorking;
  return (
    <>
      <section class="db-recorded-part" aria-labelledby="recorded-curves" aria-busy={isWorking}>
        <h2 id="recorded-curves">{texts.curves}</h2>
        <CutSection hand={hand} read={read} />
        {made === null ? (
          <p class="db-problem" role="alert">
            <Icon name="alert" /> {texts.nothing}
          </p>
        ) : (
          <RecordedOutcome made={made.made} drawn={made.drawn} read={read} mapping={mapping} />
        )}
      </section>
      {made === null ? null : <KeepRecorded made={made.made} isWorking={isWorking} />}
    </>
  );
}

function faultWords(fault: keyof typeof t.value.recorded.faults, line: number | null): string {
  const { faults, fault_line } = t.value.recorded;
  return line === null ? faults[fault] : fill(fault_line, { line, fault: faults[fault] });
}
