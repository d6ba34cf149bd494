import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { ADULT_LIMITS, SIGNS } from "../../patient/signs";
import type { LimitName } from "../../wire/types";
import { Icon } from "../icons";
import { useEditor } from "./editor";
import { FaultLine } from "./fields";
import { PartTitle } from "./PartTitle";
import { NumberField } from "./typedFields";

export function LimitsForm() {
  const editor = useEditor();
  const texts = t.value.editor.bounds;
  return (
    <>
      <PartTitle text={t.value.editor.limits} />
      <table class="db-ed-limits">
        <thead>
          <tr>
            <th scope="col">{texts.sign}</th>
            <th scope="col">{texts.low}</th>
            <th scope="col">{texts.high}</th>
          </tr>
        </thead>
        <tbody>
          {(Object.keys(ADULT_LIMITS) as LimitName[]).map((name) => (
            <tr key={name}>
              <th scope="row">
                {t.value.common.signs[name]}
                <FaultLine field={`limits.${name}`} />
              </th>
              {(["low", "high"] as const).map((side) => (
                <td key={side}>
                  <LimitField name={name} side={side} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p class="db-ed-row">
        <button
          type="button"
          class="db-button"
          onClick={() => editor.change({ type: "case", fields: { limits: structuredClone(ADULT_LIMITS) } })}
        >
          <Icon name="undo" /> {texts.reset}
        </button>
        <span class="db-ed-hint">{texts.usual}</span>
      </p>
    </>
  );
}

function LimitField({ name, side }: { name: LimitName; side: "low" | "high" }) {
  const editor = useEditor();
  const texts = t.value.editor.bounds;
  const { limits } = editor.draft.value;
  const { decimals, unit } = name === "mean" ? SIGNS.systolic : SIGNS[name];
  const set = (value: number | null) => {
    const changed = { ...limits, [name]: { ...limits[name], [side]: value } };
    editor.change({ type: "case", fields: { limits: changed } }, `limits ${name} ${side}`);
  };
  return (
    <NumberField
      field={`limits.${name}.${side}`}
      label={fill(side === "low" ? texts.low_of : texts.high_of, { sign: t.value.common.signs[name] })}
      isBare
      value={limits[name][side]}
      decimals={decimals}
      unit={unit}
      onValue={set}
    />
  );
}
