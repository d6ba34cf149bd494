import { useComputed } from "@preact/signals";
import { trainerTexts as t } from "../../../i18n/trainers";
import type { ItemScore } from "../../../wire/beside";
import { useRoom } from "../../room/room";
import { counted } from "../../words";
import { useFreshBeside } from "../useFreshBeside";
import { comparedRows, inOrder } from "./rules";
import { resultWords, passRuleWords, scoreWords } from "./scoreWords";
import "./scores.css";

/** Everybody's sheets as columns; where they think apart is said in words, and shown to all of them alike. */
export function SideBySide() {
  const room = useRoom();
  useFreshBeside(room);
  const texts = t.value.marks.sheets;
  const items = useComputed(() => room.itsCase.value?.checklist ?? []).value;
  const scores = useComputed(() => room.session.value?.scores ?? null).value;
  const me = room.device.me.value?.id ?? null;
  const sheets = inOrder(scores?.sheets ?? [], me);
  const rows = comparedRows(items, sheets, scores?.differences ?? []);
  const apart = rows.filter(({ differs }) => differs).length;
  return (
    <section class="db-panel" aria-labelledby="sheets-title">
      <h2 id="sheets-title">{texts.title}</h2>
      {sheets.length === 0 ? (
        <p class="db-hint">{texts.nobody}</p>
      ) : (
        <>
          {sheets.length < 2 ? null : <p class="db-hint">{apart === 0 ? texts.agree : counted(apart, texts.differences)}</p>}
          <div class="db-table-frame db-sheets-frame" tabIndex={0} role="group" aria-labelledby="sheets-title">
            <table class="db-table db-sheets">
              <thead>
                <tr>
                  <th scope="col">{texts.item}</th>
                  {sheets.map((sheet) => (
                    <th key={sheet.by.id} scope="col">
                      {sheet.by.id === me ? texts.you : sheet.by.name}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {rows.map(({ item, cells, differs }) => (
                  <tr key={item.key} data-differs={differs ? "yes" : "no"}>
                    <th scope="row">
                      {item.text}
                      {item.critical ? <b class="db-check-critical"> {t.value.marks.scores.critical}</b> : null}
                      {differs ? <> <em class="db-sheets-differs">{texts.differs}</em></> : null}
                    </th>
                    {cells.map((cell, place) => (
                      <td key={sheets[place]?.by.id}>
                        <Cell cell={cell} />
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
              <tfoot>
                <tr>
                  <th scope="row">{texts.result}</th>
                  {sheets.map((sheet) => (
                    <td key={sheet.by.id}>{resultWords(sheet)}</td>
                  ))}
                </tr>
                {sheets.every(({ comment }) => comment === "") ? null : (
                  <tr>
                    <th scope="row">{texts.comment}</th>
                    {sheets.map((sheet) => (
                      <td key={sheet.by.id} class="db-sheets-comment">
                        {sheet.comment}
                      </td>
                    ))}
                  </tr>
                )}
              </tfoot>
            </table>
          </div>
          <p class="db-hint">{passRuleWords(room.itsCase.value?.pass_percent)}</p>
        </>
      )}
    </section>
  );
}

function Cell(props: { cell: ItemScore | null }) {
  const { cell } = props;
  const texts = t.value.marks;
  if (cell === null)
    return (
      <>
        <span aria-hidden="true">{texts.sheets.not_scored}</span>
        <span class="visually-hidden">{texts.sheets.not_scored_label}</span>
      </>
    );
  return (
    <>
      <b title={texts.scores.names[cell.score]}>{scoreWords(cell)}</b>
      {cell.comment === "" ? null : <small class="db-sheets-comment"> {cell.comment}</small>}
    </>
  );
}
