import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { pathTo } from "../app/pages";
import type { Kept } from "../wire/types";
import { useIsMounted } from "../app/mounted";
import { go } from "../app/route";
import { fill, t } from "../i18n";
import { caretAfter, CODE_LENGTH, groupedCode, normalCode, strangers } from "./code";
import { isHeldElsewhere } from "./held";
import { JoinFrame } from "./JoinFrame";
import { NameField } from "./NameField";
import { lookUp } from "./lookUp";
import { usePage } from "./page";
import { useProblemFocus } from "./problemFocus";
import { publicName } from "./publicName";
import { Recorded } from "./Recorded";
import { currentSeat, rememberedName, remember, seatByCode, seatIn } from "./seats";
import { LaterWords } from "./words/LaterWords";

type ErrorText = keyof typeof t.value.join.errors;
interface Problem {
  text: ErrorText;
  place: "code" | "name" | "form";
  values?: Record<string, string | number>;
}

/** `code` is that of a join link, or empty. `isLost`: they have come to an address at which there is nothing. */
export function Join(props: { code: string; isLost?: boolean }) {
  const [code, setCode] = useState(normalCode(props.code));
  const [name, setName] = useState(rememberedName());
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const [wait, setWait] = useState(0);
  const [kept, setKept] = useState<Kept>(null);
  const codeField = useRef<HTMLInputElement>(null);
  const nameField = useRef<HTMLInputElement>(null);
  const alert = useRef<HTMLParagraphElement>(null);
  const texts = t.value.join;
  usePage(`${texts.title} · Shiller`);

  useEffect(() => {
    (normalCode(props.code).length === CODE_LENGTH ? nameField : codeField).current?.focus();
  }, [props.code]);

  // A link has the whole code: for how long is known before anything is typed.
  useEffect(() => {
    const linked = normalCode(props.code);
    if (linked.length !== CODE_LENGTH || strangers(linked).length > 0) return;
    void lookUp(linked).then((found) => found.kind === "found" && setKept(found.kept));
  }, [props.code]);

  useEffect(() => {
    if (wait === 0) return;
    const timer = setTimeout(() => setWait(wait - 1), 1000);
    return () => clearTimeout(timer);
  }, [wait]);

  const asksFromHere = useProblemFocus(problem, ({ place }) => ({ code: codeField, name: nameField, form: alert })[place].current);
  const isMounted = useIsMounted();

  const submit = async (event: Event) => {
    event.preventDefault();
    if (isBusy || wait > 0) return;
    asksFromHere();
    const wrong = whatIsWrong(code, name);
    setProblem(wrong);
    if (wrong !== null) return;
    setIsBusy(true);
    const found = await lookUp(code);
    if (found.kind === "found") {
      const { id, title, trainee_name, expires_at } = found.session;
      // Where the session of this code went on in another one, the seat of there is the same trainee's here.
      const last = seatIn(id) ?? seatByCode(code);
      const before = last === null || (await isHeldElsewhere(last.session_id)) ? null : last;
      // Whoever has gone on to another page meanwhile neither takes the seat nor is led away from there.
      if (!isMounted()) return;
      const seat = { session_id: id, public_title: title, trainee_name, name: name.trim(), expires_at, homework: before?.homework ?? null };
      remember({ ...seat, code: found.session.code, token: before?.token ?? null });
      go(pathTo("monitor"));
      return;
    }
    setIsBusy(false);
    if (found.kind === "rate_limited") {
      setWait(found.seconds);
      setProblem({ text: "rate_limited", place: "form", values: { seconds: found.seconds } });
    } else if (found.kind === "not_home") {
      setProblem({ text: "not_home", place: "form", values: { hall: found.hall } });
    } else setProblem({ text: found.kind, place: found.kind === "not_found" ? "code" : "form" });
  };

  return (
    <JoinFrame other={{ page: "sessions", text: texts.trainers }}>
      <p class="join-brand">
        <Trace />
        Shiller
      </p>
      <h1>{texts.title}</h1>
      {props.isLost === true && <p class="join-lost">{texts.lost}</p>}
      <Return />
      <LaterWords />
      <form onSubmit={(event) => void submit(event)} noValidate aria-busy={isBusy}>
        <p class="join-lead">{texts.lead}</p>
        <div class="join-field">
          <label class="join-label" for="join-code">
            {texts.code}
          </label>
          <CodeField
            code={code}
            setCode={setCode}
            field={codeField}
            isWrong={problem?.place === "code"}
            describedBy={problem?.place === "code" ? "join-error join-code-hint" : "join-code-hint"}
          />
          <p class="join-hint" id="join-code-hint">
            {texts.code_hint}
          </p>
        </div>
        <NameField name={name} setName={setName} field={nameField} isWrong={problem?.place === "name"} hint={texts.name_hint} />
        <p ref={alert} class="join-error" id="join-error" role="alert" tabIndex={-1} hidden={problem === null}>
          {problem && fill(texts.errors[problem.text], problem.values ?? {})}
        </p>
        <button class="join-submit" type="submit" aria-disabled={isBusy || wait > 0}>
          {isBusy ? texts.joining : wait > 0 ? fill(texts.wait, { seconds: wait }) : texts.submit}
        </button>
      </form>
      <Recorded kept={kept} />
    </JoinFrame>
  );
}

function whatIsWrong(code: string, name: string): Problem | null {
  const strange = strangers(code);
  if (code === "") return { text: "code_missing", place: "code" };
  if (strange.length > 0) return { text: "code_strange", place: "code", values: { characters: strange.join(" ") } };
  if (code.length < CODE_LENGTH)
    return { text: "code_short", place: "code", values: { count: CODE_LENGTH - code.length } };
  return name.trim() === "" ? { text: "name_missing", place: "name" } : null;
}

function CodeField(props: {
  code: string;
  setCode: (code: string) => void;
  field: { current: HTMLInputElement | null };
  isWrong: boolean;
  describedBy: string;
}) {
  const caret = useRef<number | null>(null);
  // The text is grouped as it is typed; the caret stays behind the character it stood behind.
  useLayoutEffect(() => {
    const input = props.field.current;
    if (input === null || caret.current === null || document.activeElement !== input) return;
    input.setSelectionRange(caret.current, caret.current);
    caret.current = null;
  });
  return (
    <input
      ref={props.field}
      id="join-code"
      class="join-code"
      name="code"
      value={groupedCode(props.code)}
      placeholder="ABC 234"
      autocomplete="off"
      autocapitalize="characters"
      autocorrect="off"
      spellcheck={false}
      enterkeyhint="next"
      onInput={(event) => {
        const input = event.currentTarget;
        const typed = normalCode(input.value);
        const before = normalCode(input.value.slice(0, input.selectionStart ?? input.value.length));
        caret.current = caretAfter(Math.min(before.length, typed.length));
        input.value = groupedCode(typed);
        props.setCode(typed);
        input.setSelectionRange(caret.current, caret.current);
      }}
      aria-invalid={props.isWrong}
      aria-describedby={props.describedBy}
    />
  );
}

/** Somebody who went back by mistake is one tap away from the bedside. */
function Return() {
  const seat = currentSeat();
  if (seat === null || seat.token === null || Date.parse(seat.expires_at) < Date.now()) return null;
  return (
    <button class="join-return" type="button" onClick={() => go(pathTo("monitor"))}>
      {fill(t.value.join.back, { title: publicName({ title: seat.public_title, trainee_name: seat.trainee_name }), name: seat.name })}
    </button>
  );
}

function Trace() {
  return (
    <svg class="join-trace" viewBox="0 0 64 24" aria-hidden="true">
      <path d="M0 14h16l3-4 3 4h6l3 4 4-16 4 20 3-8h6l4-5 4 5h8" fill="none" stroke="currentColor" stroke-width="2" />
    </svg>
  );
}
