import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { Dialog } from "../Dialog";
import { counted } from "../words";
import type { CommandKind } from "./commands";
import { reasonWords } from "./commandWords";
import type { Sendable } from "./sent";

/** What goes where, and where nothing goes and why: read before it is sent. */
export function PlanLines(props: { lines: readonly Sendable[] }) {
  const texts = t.value.wall;
  const sent = props.lines.filter((line) => "deed" in line);
  const out = props.lines.filter((line) => "reason" in line);
  return (
    // Long lists scroll, by the keyboard as well.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div class="db-wall-lines" role="group" aria-label={texts.goes} tabIndex={0}>
      {sent.length === 0 ? <p>{texts.nothing_goes}</p> : null}
      <ul class="db-wall-plan">
        {sent.map((line) => (
          <li key={line.id}>
            <b>{line.room}</b> <span>{line.what}</span>
          </li>
        ))}
      </ul>
      {out.length === 0 ? null : (
        <>
          <h3>{texts.left_out}</h3>
          <ul class="db-wall-plan">
            {out.map((line) => (
              <li key={line.id}>
                <b>{line.room}</b> <span>{"reason" in line ? reasonWords(line.reason) : ""}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

export function PlanDialog(props: { kind: CommandKind; lines: readonly Sendable[]; onYes: () => void; onClose: () => void }) {
  const texts = t.value.wall;
  const count = props.lines.filter((line) => "deed" in line).length;
  return (
    <Dialog title={texts.commands[props.kind]} class="db-wall-dialog" onClose={props.onClose}>
      <PlanLines lines={props.lines} />
      <div class="db-dialog-actions">
        <button type="button" class="db-button" autofocus={count === 0} onClick={props.onClose}>
          {count === 0 ? t.value.common.close : t.value.common.cancel}
        </button>
        {count === 0 ? null : (
          <button
            type="button"
            class="db-button db-button-main"
            autofocus
            aria-label={fill(texts.yes_label, { command: texts.commands[props.kind], rooms: counted(count, texts.rooms) })}
            onClick={() => {
              props.onYes();
              props.onClose();
            }}
          >
            {counted(count, texts.yes)}
          </button>
        )}
      </div>
    </Dialog>
  );
}
