import { useId } from "preact/hooks";
import { useSignal, type Signal } from "@preact/signals";
import { BOUNDS, ROLES } from "../../generated/catalogue";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import type { Role } from "../../wire/types";

/** A field of an account with what is wrong with it below. The first one that is wrong is to have the focus. */
export function AccountInput(props: {
  label: string;
  value: Signal<string>;
  problem: string | undefined;
  hint?: string;
  type?: "text" | "email";
  autocomplete?: AutoFill;
  autofocus?: boolean;
  maxLength?: number;
}) {
  const id = useId();
  return (
    <div class="db-account-field">
      <label class="db-field">
        <span>{props.label}</span>
        <input
          {...({ type: props.type ?? "text" } as { type: "text" })}
          value={props.value}
          autofocus={props.autofocus}
          autocomplete={props.autocomplete ?? "off"}
          autocapitalize={props.type === "email" ? "none" : undefined}
          spellcheck={false}
          maxLength={props.maxLength ?? BOUNDS.name_characters}
          aria-invalid={props.problem !== undefined}
          aria-describedby={id}
          onInput={(event) => (props.value.value = event.currentTarget.value)}
        />
      </label>
      <Below id={id} problem={props.problem} hint={props.hint} />
    </div>
  );
}

/** With a switch that shows it: nobody types one right that they cannot see on a phone. */
export function PasswordInput(props: {
  label: string;
  value: Signal<string>;
  problem: string | undefined;
  autocomplete: "new-password" | "current-password";
  autofocus?: boolean;
  isShown?: boolean;
}) {
  const id = useId();
  const isShown = useSignal(props.isShown ?? false);
  const { password_hint, show } = t.value.people;
  const hint = props.autocomplete === "new-password" ? fill(password_hint, { count: BOUNDS.password_least_characters }) : undefined;
  return (
    <div class="db-account-field">
      <label class="db-field">
        <span>{props.label}</span>
        <input
          {...({ type: isShown.value ? "text" : "password" } as { type: "password" })}
          value={props.value}
          autofocus={props.autofocus}
          autocomplete={props.autocomplete}
          autocapitalize="none"
          spellcheck={false}
          aria-invalid={props.problem !== undefined}
          aria-describedby={id}
          onInput={(event) => (props.value.value = event.currentTarget.value)}
        />
      </label>
      <Below id={id} problem={props.problem} hint={hint} />
      <label class="db-switch">
        <input
          type="checkbox"
          aria-label={`${show}: ${props.label}`}
          checked={isShown}
          onChange={(event) => (isShown.value = event.currentTarget.checked)}
        />
        <span>{show}</span>
      </label>
    </div>
  );
}

/** Each with what it may do. */
export function RoleChoice(props: { value: Signal<Role>; problem: string | undefined }) {
  const id = useId();
  const texts = t.value.people;
  return (
    <fieldset class="db-roles" aria-describedby={id}>
      <legend>{texts.role}</legend>
      {ROLES.map((role) => (
        <label class="db-switch" key={role}>
          <input
            type="radio"
            name={id}
            checked={props.value.value === role}
            onChange={() => (props.value.value = role)}
          />
          <span>
            {t.value.dashboard.menu.role[role]}
            <small>{texts.roles[role]}</small>
          </span>
        </label>
      ))}
      <Below id={id} problem={props.problem} hint={undefined} />
    </fieldset>
  );
}

function Below(props: { id: string; problem: string | undefined; hint: string | undefined }) {
  return (
    <small id={props.id} class={props.problem === undefined ? "db-below" : "db-below db-below-problem"} role={props.problem === undefined ? undefined : "alert"}>
      {props.problem ?? props.hint}
    </small>
  );
}
