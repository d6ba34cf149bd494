import { useEffect, useRef, useState } from "preact/hooks";
import { pathTo } from "../app/pages";
import { useIsMounted } from "../app/mounted";
import { go } from "../app/route";
import { fill, language, t } from "../i18n";
import type { Offer } from "../wire/types";
import { JoinFrame } from "./JoinFrame";
import { NameField } from "./NameField";
import { hasBegun, idOfBeginning } from "./beginning";
import { lookUp } from "./lookUp";
import { lookAtHomework, openHomework, type Shut } from "./openHomework";
import { usePage } from "./page";
import { useProblemFocus } from "./problemFocus";
import { rememberedName, remember } from "./seats";
import "./Homework.css";

type ErrorText = keyof typeof t.value.homework.page.errors;
interface Problem {
  text: ErrorText;
  seconds?: number;
}

/** The page of a homework's link: what it is, what is recorded, a name, and the way in. */
export function Homework(props: { token: string }) {
  const { token } = props;
  const [seen, setSeen] = useState<{ kind: "open"; offer: Offer } | Shut | null>(null);
  const texts = t.value.homework.page;
  const look = async () => {
    setSeen(null);
    setSeen(await lookAtHomework(token));
  };
  useEffect(() => void look(), [token]);
  usePage(seen?.kind === "open" ? `${seen.offer.title} · Shiller` : "Shiller");
  return (
    <JoinFrame isBusy={seen === null} other={{ page: "home", text: texts.code }}>
      {seen === null ? <p role="status">{texts.looking}</p> : null}
      {seen?.kind === "open" ? <Begin token={token} offer={seen.offer} /> : null}
      {seen !== null && seen.kind !== "open" ? <ShutDoor shut={seen} again={() => void look()} /> : null}
    </JoinFrame>
  );
}

const FOR_GOOD: readonly Shut["kind"][] = ["not_found", "session_closed", "session_expired"];

function ShutDoor(props: { shut: Shut; again: () => void }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { shut } = props;
  const texts = t.value.homework.page;
  useEffect(() => heading.current?.focus(), []);
  return (
    <>
      <h1 ref={heading} tabIndex={-1} class="join-shut">
        {FOR_GOOD.includes(shut.kind) ? texts.closed_title : t.value.homework.title_usual}
      </h1>
      <p class="join-error" role="alert">
        {fill(texts.errors[shut.kind], shut.kind === "rate_limited" ? { seconds: shut.seconds } : {})}
      </p>
      {FOR_GOOD.includes(shut.kind) ? null : (
        <button type="button" class="join-submit" onClick={props.again}>
          {texts.again}
        </button>
      )}
    </>
  );
}

function Begin(props: { token: string; offer: Offer }) {
  const { token, offer } = props;
  const [name, setName] = useState(rememberedName());
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const [wait, setWait] = useState(0);
  const field = useRef<HTMLInputElement>(null);
  const alert = useRef<HTMLParagraphElement>(null);
  const texts = t.value.homework.page;
  const isNameWrong = problem?.text === "name_missing";

  useEffect(() => {
    if (wait === 0) return;
    const timer = setTimeout(() => setWait(wait - 1), 1000);
    return () => clearTimeout(timer);
  }, [wait]);
  const asksFromHere = useProblemFocus(problem, () => (isNameWrong ? field : alert).current);
  const isMounted = useIsMounted();

  const submit = async (event: Event) => {
    event.preventDefault();
    if (isBusy || wait > 0) return;
    asksFromHere();
    setProblem(name.trim() === "" ? { text: "name_missing" } : null);
    if (name.trim() === "") return;
    setIsBusy(true);
    const failed = await begin({ token, name: name.trim(), isStillWanted: isMounted });
    if (failed === null) return;
    setIsBusy(false);
    setProblem({ text: failed.kind, ...(failed.kind === "rate_limited" ? { seconds: failed.seconds } : {}) });
    if (failed.kind === "rate_limited") setWait(failed.seconds);
  };

  const minutes = offer.duration_minutes === 1 ? texts.minutes.one : texts.minutes.other;
  return (
    <>
      <h1>{offer.title}</h1>
      <p class="join-lead">{texts.about}</p>
      <ul class="join-facts">
        <li>{fill(texts.until, { when: dayAndTime(offer.until) })}</li>
        <li>{fill(minutes, { count: offer.duration_minutes })}</li>
      </ul>
      <p class="join-kept">{texts.recorded}</p>
      <form class="join-alone" onSubmit={(event) => void submit(event)} noValidate aria-busy={isBusy}>
        <NameField name={name} setName={setName} field={field} isWrong={isNameWrong} hint={texts.name_hint} />
        <p ref={alert} class="join-error" id="join-error" role="alert" tabIndex={-1} hidden={problem === null}>
          {problem && fill(texts.errors[problem.text], { seconds: problem.seconds ?? 0 })}
        </p>
        <button class="join-submit" type="submit" aria-disabled={isBusy || wait > 0}>
          {isBusy ? texts.beginning : wait > 0 ? fill(texts.wait, { seconds: wait }) : texts.begin}
        </button>
      </form>
    </>
  );
}

interface Wanted {
  token: string;
  name: string;
  /** Whoever has gone on to another page meanwhile is not led away from there; the try is theirs when they come back. */
  isStillWanted: () => boolean;
}

/** A new try, and its monitor; or why not. What may be done in it is asked anew: its case may have been changed. */
async function begin(wanted: Wanted, isAgain = false): Promise<Shut | null> {
  const { token, name, isStillWanted } = wanted;
  const begun = await openHomework(token, idOfBeginning(token, name), name);
  if (begun.kind !== "begun") return begun;
  const [found, seen] = await Promise.all([lookUp(begun.code), lookAtHomework(token)]);
  if (!isStillWanted()) return null;
  const isOver = found.kind === "session_closed" || found.kind === "session_expired";
  if (found.kind === "found" || isOver) hasBegun(token);
  // It was begun long ago, and never reached.
  if (isOver && !isAgain) return begin(wanted, true);
  if (found.kind !== "found") return { kind: "unreachable" };
  const { id: session_id, title, trainee_name, expires_at } = found.session;
  const actions = seen.kind === "open" ? seen.offer.actions : [];
  const seat = { session_id, code: begun.code, public_title: title, trainee_name, name, token: null, expires_at };
  remember({ ...seat, homework: { token, actions } });
  go(pathTo("monitor"));
  return null;
}

function dayAndTime(moment: string): string {
  return new Intl.DateTimeFormat(language.value === "en" ? "en-GB" : language.value, {
    weekday: "long",
    day: "numeric",
    month: "long",
    hour: "2-digit",
    minute: "2-digit",
  }).format(Date.parse(moment));
}
