import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { pathTo } from "../../app/pages";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { LanguageChoice, ThemeChoice } from "../../join/Choices";
import { usePage } from "../../join/page";
import type { Refusal, KnownCode } from "../../wire/types";
import { useDevice } from "../context";
import { Icon } from "../icons";
import { Link } from "./Link";
import { UnkeptLine } from "./UnkeptLine";
import "./login.css";

/** Where the server does not say how long it wants no more tries. */
const USUAL_PAUSE_SECONDS = 30;

export function Login() {
  const texts = t.value.dashboard.login;
  usePage(`${texts.title} · Shiller`);
  return (
    <main class="db-login" id="content">
      <div class="db-login-card">
        <p class="db-brand">Shiller</p>
        <h1>{texts.title}</h1>
        <p class="db-hint">{texts.lead}</p>
        <UnkeptLine />
        <LoginForm />
      </div>
      <div class="db-login-foot">
        <Link to={pathTo("home")}>{texts.trainee}</Link>
        <LanguageChoice />
        <ThemeChoice />
      </div>
    </main>
  );
}

/** Also in a dialog, where a login has run out in the middle of the work. */
export function LoginForm(props: { email?: string; onDone?: () => void }) {
  const device = useDevice();
  const texts = t.value.dashboard.login;
  const isBusy = useSignal(false);
  const isPasswordShown = useSignal(false);
  const refusal = useSignal<Refusal | null>(null);
  const isIncomplete = useSignal(false);
  const until = useSignal(0);
  const now = useSignal(0);
  const email = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  const isFirst = (props.email ?? "") === "";
  const wait = useComputed(() => Math.max(0, Math.ceil((until.value - now.value) / 1000))).value;

  // The attribute alone works where the page or a dialog opens with the form in it, and this one may come later.
  useEffect(() => (isFirst ? email : password).current?.focus(), []);
  useEffect(() => {
    const timer = setInterval(() => {
      if (until.peek() > 0) now.value = Date.now();
    }, 500);
    return () => clearInterval(timer);
  }, []);

  const submit = async (event: Event) => {
    event.preventDefault();
    if (isBusy.value || wait > 0) return;
    const [name, secret] = [email.current?.value.trim() ?? "", password.current?.value ?? ""];
    refusal.value = null;
    isIncomplete.value = name === "" || secret === "";
    if (isIncomplete.value) {
      (name === "" ? email : password).current?.focus();
      return;
    }
    isBusy.value = true;
    try {
      const refused = await device.login(name, secret);
      refusal.value = refused;
      if (refused === null) props.onDone?.();
      if (refused?.code === "rate_limited") {
        now.value = Date.now();
        until.value = now.value + (refused.retry_after ?? USUAL_PAUSE_SECONDS) * 1000;
      }
      if (refused?.code === "unauthenticated") password.current?.select();
    } finally {
      isBusy.value = false;
    }
  };

  const problem = isIncomplete.value ? texts.missing : problemWords(refusal.value, wait);
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <label class="db-field">
        <span>{texts.email}</span>
        <input
          ref={email}
          defaultValue={props.email ?? ""}
          type="email"
          name="email"
          autofocus={isFirst}
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
          aria-invalid={problem !== "" && refusal.value?.code !== "network"}
          aria-describedby="login-problem"
        />
      </label>
      <label class="db-field">
        <span>{texts.password}</span>
        <input
          ref={password}
          {...({ type: isPasswordShown.value ? "text" : "password" } as { type: "password" })}
          name="password"
          autofocus={!isFirst}
          autocomplete="current-password"
          aria-invalid={problem !== "" && refusal.value?.code !== "network"}
          aria-describedby="login-problem"
        />
      </label>
      <label class="db-switch">
        <input
          type="checkbox"
          checked={isPasswordShown}
          onChange={(event) => {
            isPasswordShown.value = event.currentTarget.checked;
          }}
        />
        <span>{texts.show}</span>
      </label>
      <p class="db-problem" id="login-problem" role="alert" data-shown={problem === "" ? "no" : "yes"}>
        {problem === "" ? null : <Icon name="alert" />}
        <span>{problem}</span>
      </p>
      <button type="submit" class="db-button db-button-main" aria-disabled={isBusy.value || wait > 0}>
        {isBusy.value ? texts.busy : texts.submit}
      </button>
    </form>
  );
}

const PROBLEMS = {
  unauthenticated: "wrong",
  invalid_fields: "wrong",
  rate_limited: "limited",
  network: "network",
  storage_unavailable: "network",
  invalid_body: "other",
  // Only a hall refuses every login, right or wrong.
  forbidden: "lapsed",
  not_found: "other",
  method_not_allowed: "other",
  conflict: "other",
  not_home: "other",
  hall_revoked: "other",
  resync_required: "other",
  device_revoked: "other",
  full: "other",
  session_closed: "other",
  session_expired: "other",
  removed: "other",
  version_mismatch: "other",
  too_large: "other",
  unsupported_media_type: "other",
  internal_error: "other",
  timeout: "other",
  strange_answer: "other",
  device_full: "other",
  device_storage: "other",
} as const satisfies Record<KnownCode, string>;

function problemWords(refusal: Refusal | null, wait: number): string {
  if (refusal === null) return "";
  const texts = t.value.dashboard.login;
  const problem = PROBLEMS[refusal.code];
  switch (problem) {
    case "wrong":
    case "lapsed":
    case "network":
      return texts[problem];
    case "limited":
      return wait > 0 ? fill(texts.limited, { seconds: wait }) : "";
    case "other":
      return fill(texts.other, { detail: refusal.detail });
  }
}
