import { t } from "../../../i18n";
import { SIGN_NAMES } from "../../../patient/signs";
import type { Marks } from "../record/record";
import { TROUBLE_ID } from "../sending/SendBar";
import { SignRow } from "./SignRow";
import "./signs.css";

export function SignRows(props: { marks: Marks }) {
  return (
    <section class="db-panel db-signs" id="part-signs" aria-labelledby="part-signs-title" tabIndex={-1}>
      <h2 id="part-signs-title" class="visually-hidden">
        {t.value.dashboard.signs.title}
      </h2>
      {SIGN_NAMES.map((name) => (
        <SignRow key={name} name={name} marks={props.marks} troubleId={TROUBLE_ID} />
      ))}
    </section>
  );
}
