import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { pathTo } from "../app/pages";
import { go } from "../app/route";
import { t } from "../i18n";
import type { EndReason } from "../wire/traineeState";

/**
 * It is over, calmly: what happened, and the way on. `homework`: the token of the link by which a try was begun, which
 * leads to the next one. `children`: what may be said of it.
 */
export function EndScreen(props: {
  reason: EndReason;
  title: string;
  code: string;
  homework?: string | null;
  children?: ComponentChildren;
}) {
  const { reason, homework = null } = props;
  const texts = t.value.monitor.end;
  if (homework !== null && (reason === "session_closed" || reason === "session_expired")) {
    const { over, over_text, again } = t.value.homework.end;
    const text = reason === "session_closed" ? over_text : `${t.value.homework.end.time_up} ${over_text}`;
    return <Over title={props.title} what={over} text={text} on={again} to={pathTo("assignment", { token: homework })} after={props.children} />;
  }
  const mayReturn = reason === "removed" || reason === "full" || reason === "refused";
  const to = mayReturn ? pathTo("join", { code: props.code }) : pathTo("home");
  const on = mayReturn ? texts.again : texts.another;
  return <Over title={props.title} what={texts[reason]} text={texts[`${reason}_text`]} on={on} to={to} after={props.children} />;
}

function Over(props: { title: string; what: string; text: string; on: string; to: string; after: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <main class="mon-page">
      <p class="mon-page-session">{props.title}</p>
      <h1 ref={heading} tabIndex={-1}>
        {props.what}
      </h1>
      <p class="mon-page-lead">{props.text}</p>
      {props.after}
      <button type="button" class="mon-page-key" onClick={() => go(props.to)}>
        {props.on}
      </button>
    </main>
  );
}
