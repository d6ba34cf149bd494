// Roles are named here: some browsers tell a table that is laid out otherwise, as this one is on a telephone, as none.
/* oxlint-disable jsx-a11y/no-redundant-roles, jsx-a11y/no-interactive-element-to-noninteractive-role */
import { useComputed, useSignal } from "@preact/signals";
import { trainerTexts as t } from "../../../i18n/trainers";
import type { ItemScore, ScoreSheet } from "../../../wire/beside";
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
  const apart = rows.filter(({ differs }) => differs);
  const isShort = useSignal(false);
  const shown = isShort.value && apart.length > 0 ? apart : rows;
  const nameOf = ({ by }: ScoreSheet) => (by.id === me ? texts.you : by.name);
  return (
    <section class="db-panel" aria-labelledby="sheets-title">
      <h2 id="sheets-title">{texts.title}</h2>
      {sheets.length === 0 ? (
        <p class="db-hint">{scores === null ? texts.not_here : texts.nobody}</p>
      ) : (
        <>
          {sheets.length < 2 ? null : (
            <div class="db-sheets-head">
              <p class="db-hint">{apart.length === 0 ? texts.agree : counted(apart.length, texts.differences)}</p>
              {apart.length === 0 || apart.length === rows.length ? null : (
                <button type="button" class="db-button db-sheets-only" aria-pressed={isShort.value} onClick={() => (isShort.value = !isShort.value)}>
                  {texts.only_differences}
                </button>
              )}
            </div>
          )}
          <div class="db-table-frame db-sheets-frame" tabIndex={0} role="group" aria-labelledby="sheets-title">
            <table class="db-table db-sheets" role="table">
              <thead role="rowgroup">
                <tr role="row">
                  <th scope="col" role="columnheader">
                    {texts.item}
                  </th>
                  {sheets.map((sheet) => (
                    <th key={sheet.by.id} scope="col" role="columnheader">
                      {nameOf(sheet)}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody role="rowgroup">
                {shown.map(({ item, cells, differs }) => (
                  <tr key={item.key} role="row" data-differs={differs ? "yes" : "no"}>
                    <th scope="row" role="rowheader">
                      {item.text}
                      {item.critical ? <b class="db-check-critical"> {t.value.marks.scores.critical}</b> : null}
                      {differs ? <> <em class="db-sheets-differs">{texts.differs}</em></> : null}
                    </th>
                    {sheets.map((sheet, place) => (
                      <td key={sheet.by.id} role="cell" data-who={nameOf(sheet)}>
                        <Cell cell={cells[place] ?? null} />
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
              <tfoot role="rowgroup">
                <tr role="row">
                  <th scope="row" role="rowheader">
                    {texts.result}
                  </th>
                  {sheets.map((sheet) => (
                    <td key={sheet.by.id} role="cell" data-who={nameOf(sheet)}>
                      {resultWords(sheet)}
                    </td>
                  ))}
                </tr>
                {sheets.every(({ comment }) => comment === "") ? null : (
                  <tr role="row">
                    <th scope="row" role="rowheader">
                      {texts.comment}
                    </th>
                    {sheets.map((sheet) => (
                      <td key={sheet.by.id} role="cell" class="db-sheets-comment" data-who={nameOf(sheet)}>
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
