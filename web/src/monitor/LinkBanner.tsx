import { signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { fill, t } from "../i18n";
import type { TraineeConnection } from "../wire/traineeConnection";
import { LinkOffIcon } from "./icons";
import { ageText } from "./texts";

/** Plain and honest: the line is lost, and how old is what is shown. */
export function LinkBanner(props: { line: TraineeConnection }) {
  const { line } = props;
  const text = useMemo(() => signal(""), []);
  useEffect(() => {
    const tell = () => {
      const texts = t.value.monitor.link;
      const now = Date.now();
      const age = ageText(now - line.heardAt());
      const refusal = line.state.peek().refusal;
      const seconds = refusal === null ? 0 : Math.ceil((refusal.until - now) / 1000);
      const lost = seconds > 5 ? fill(texts.busy, { age, seconds }) : fill(texts.lost, { age });
      const count = line.waiting.peek();
      text.value = count === 0 ? lost : `${lost} ${fill(texts.waiting, { count })}`;
    };
    tell();
    const timer = setInterval(tell, 1000);
    return () => clearInterval(timer);
  }, [line, t.value]);
  return (
    <div class="mon-lost">
      <LinkOffIcon />
      <span aria-hidden="true">{text}</span>
      <span class="visually-hidden" role="alert">
        {t.value.monitor.link.spoken}
      </span>
    </div>
  );
}
