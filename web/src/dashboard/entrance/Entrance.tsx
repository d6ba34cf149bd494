import type { ComponentChildren } from "preact";
import { pathTo } from "../../app/pages";
import { trainerTexts as t } from "../../i18n/trainers";
import { LanguageChoice, ThemeChoice } from "../../join/Choices";
import { usePage } from "../../join/page";
import { Link } from "../shell/Link";
import "../shell/login.css";

/** A page for whoever has no login yet, and came by a link. */
export function Entrance(props: { page: string; title: string; children: ComponentChildren }) {
  usePage(`${props.page} · Shiller`);
  return (
    <main class="db-login" id="content">
      <div class="db-login-card">
        <p class="db-brand">Shiller</p>
        <h1>{props.title}</h1>
        {props.children}
      </div>
      <div class="db-login-foot">
        <LanguageChoice />
        <ThemeChoice />
      </div>
    </main>
  );
}

/** A link that leads no further: why, and what to do. */
export function DeadEnd(props: { page: string; title: string; why: string; again?: () => void }) {
  const texts = t.value.people.invitation;
  return (
    <Entrance page={props.page} title={props.title}>
      <p role="alert">{props.why}</p>
      <p class="db-entrance-ways">
        {props.again === undefined ? null : (
          <button type="button" class="db-button db-button-main" onClick={props.again}>
            {texts.again}
          </button>
        )}
        <Link to={pathTo("sessions")} class="db-button">
          {texts.login}
        </Link>
      </p>
    </Entrance>
  );
}
