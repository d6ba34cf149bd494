import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { lasting } from "../../fmt";
import { markerName } from "../../words";
import type { KeyTimeRow } from "./timeRows";
import { Wide } from "./Wide";

/** When what mattered was done, from both zeros, and whether in the time that the case asks for. */
export function KeyTimesTable(props: { title: string; rows: readonly KeyTimeRow[] }) {
  const texts = t.value.marks.sheet;
  if (props.rows.length === 0) return null;
  return (
    <section>
      <h2>{props.title}</h2>
      <Wide label={props.title}>
        <table class="db-table">
          <thead>
            <tr>
              <th scope="col">{texts.marker}</th>
              <th scope="col">{texts.from_start}</th>
              <th scope="col">{texts.from_arrest}</th>
              <th scope="col">{texts.target}</th>
              <th scope="col">{texts.met}</th>
            </tr>
          </thead>
          <tbody>
            {props.rows.map((row) => (
              <TimeLine key={row.marker} row={row} />
            ))}
          </tbody>
        </table>
      </Wide>
    </section>
  );
}

function TimeLine({ row }: { row: KeyTimeRow }) {
  const texts = t.value.marks.sheet;
  const isNever = row.start === null && row.arrest === null && row.other === null;
  const froms: Record<string, string> = texts.froms;
  const target = ({ seconds, from }: KeyTimeRow["targets"][number]) =>
    fill(texts.target_from, { time: lasting(seconds), what: froms[from] ?? markerName(from) });
  return (
    <tr>
      <th scope="row">{markerName(row.marker)}</th>
      <td>{row.start === null ? (isNever ? texts.never : "–") : lasting(row.start)}</td>
      <td>{row.arrest === null ? "–" : lasting(row.arrest)}</td>
      <td>
        {row.targets.map(target).join(" · ")}
        {row.other === null ? "" : ` (${lasting(row.other)})`}
      </td>
      <td>{row.targets.map(({ is_met }) => metWords(is_met)).join(" · ")}</td>
    </tr>
  );
}

/** Null: what it counts from never was, so that nobody can say. */
function metWords(isMet: boolean | null): string {
  const texts = t.value.marks.sheet;
  if (isMet === null) return "–";
  return isMet ? `✓ ${texts.yes}` : texts.no;
}
