import { t } from "../i18n";
import { CONDITIONS } from "../patient/signs";
import type { LastValues } from "../wire/types";
import { ConditionIcon } from "./icons";
import { isOn } from "../patient/circulation";
import "./Conditions.css";

/** The five conditions that a trainer may raise; only those that are set take any room. */
export function Conditions(props: { last: LastValues }) {
  const set = CONDITIONS.filter((condition) => isOn(props.last, condition));
  const { flags } = t.value.common;
  return (
    <div class="mon-conditions" role="status">
      {set.map((condition) => (
        <div key={condition} class="mon-condition">
          <ConditionIcon condition={condition} />
          <span>{flags[condition]}</span>
        </div>
      ))}
    </div>
  );
}
