import { useMemo, useRef } from "preact/hooks";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { MonitorScreen } from "../../../monitor/MonitorScreen";
import { settings } from "../../../monitor/settings";
import { theme } from "../../../theme/theme";
import type { LastValues, Limits } from "../../../wire/types";
import { measured } from "./course";

const now = () => Date.now();

/** What trainees see in the step that is chosen, by their own component. It plays while somebody can see it. */
export function StepMonitor(props: { title: string | null; last: LastValues | null; limits: Limits; isVisible: boolean }) {
  const texts = t.value.preview.monitor;
  const { title, last } = props;
  return (
    <section class="db-course-monitor" aria-label={title === null ? t.value.monitor.title : fill(texts.title, { step: title })}>
      {title === null || last === null ? (
        <p class="db-hint">{texts.none}</p>
      ) : (
        <>
          <h3>
            {fill(texts.title, { step: title })} <small>{texts.help}</small>
          </h3>
          <div class="db-course-screen" inert>
            {props.isVisible ? <Screen last={last} limits={props.limits} /> : null}
          </div>
        </>
      )}
    </section>
  );
}

function Screen(props: { last: LastValues; limits: Limits }) {
  const { last, limits } = props;
  const words = JSON.stringify(last);
  // A monitor takes seconds to see that something has ceased: each step is played by one that has seen nothing else.
  const id = useRef(0);
  const state = useMemo(() => {
    const at = now();
    return { session_id: `step ${(id.current += 1)}`, last_values: measured(last, at), at, limits };
  }, [words, limits]);
  return (
    <MonitorScreen key={state.session_id} compact state={state} serverNow={now} theme={theme.value} units={settings.value.units} />
  );
}
