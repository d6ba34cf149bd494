import { useEffect, useRef } from "preact/hooks";
import { pathTo } from "../app/pages";
import { go } from "../app/route";
import { t } from "../i18n";
import type { EndReason } from "../wire/traineeState";

/** It is over, calmly: what happened, and the way on. */
export function EndScreen(props: { reason: EndReason; title: string; code: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const texts = t.value.monitor.end;
  const mayReturn = props.reason === "removed" || props.reason === "refused";
  useEffect(() => heading.current?.focus(), []);
  return (
    <main class="mon-page">
      <p class="mon-page-session">{props.title}</p>
      <h1 ref={heading} tabIndex={-1}>
        {texts[props.reason]}
      </h1>
      <p class="mon-page-lead">{texts[`${props.reason}_text`]}</p>
      <button type="button" class="mon-page-key" onClick={() => go(mayReturn ? pathTo("join", { code: props.code }) : pathTo("home"))}>
        {mayReturn ? texts.again : texts.another}
      </button>
    </main>
  );
}
