import { useSignal } from "@preact/signals";
import { trainerTexts as t } from "../../i18n/trainers";
import { Icon, type IconName } from "../icons";
import { announce } from "../shell/announce";
import { Roving } from "../keys/Roving";
import { counted } from "../words";
import { plan, type Command, type CommandKind } from "./commands";
import { deedWords } from "./commandWords";
import { PlanDialog } from "./PlanDialog";
import { SendDialog } from "./SendDialog";
import type { Sendable, Sent } from "./sent";
import type { WallRoom } from "./wallRoom";

const ICONS: Record<CommandKind, IconName> = { start: "play", pause: "pause", resume: "play", step: "list", send: "up" };
const KINDS = Object.keys(ICONS) as CommandKind[];

/** What is done to the chosen rooms at once. A pause waits for no question, and neither does going on. */
export function Commands(props: { chosen: readonly WallRoom[]; sent: Sent }) {
  const { chosen, sent } = props;
  const texts = t.value.wall;
  const asked = useSignal<CommandKind | null>(null);
  const linesOf = (command: Command): readonly Sendable[] => {
    const planned = plan(command, chosen.map((one) => one.steerable.value));
    return planned.map((line, place) => {
      const room = nameOf(chosen[place]!);
      return "deed" in line ? { ...line, room, what: deedWords(line.deed) } : { ...line, room, what: "" };
    });
  };
  const send = (kind: CommandKind, lines: readonly Sendable[]) => {
    sent.send(kind, lines);
    announce(counted(lines.filter((line) => "deed" in line).length, texts.gone));
  };
  const press = (kind: CommandKind) => {
    if (chosen.length === 0) return;
    if (kind === "pause" || kind === "resume") send(kind, linesOf({ kind }));
    else asked.value = kind;
  };
  const kind = asked.value;
  const close = () => (asked.value = null);
  return (
    <div class="db-wall-commands">
      <p id="wall-chosen" role="status">
        {chosen.length === 0 ? texts.choose_first : counted(chosen.length, texts.chosen)}
      </p>
      <Roving class="db-wall-buttons" role="toolbar" labelledBy="wall-chosen">
        {KINDS.map((one) => (
          <button
            key={one}
            type="button"
            class="db-button"
            aria-disabled={chosen.length === 0}
            aria-label={texts.commands[one]}
            onClick={() => press(one)}
          >
            <Icon name={ICONS[one]} />
            <span>{texts.short[one]}</span>
          </button>
        ))}
      </Roving>
      {kind === null ? null : kind === "send" ? (
        <SendDialog planOf={linesOf} onSend={(lines) => send("send", lines)} onClose={close} />
      ) : (
        <Ask kind={kind} lines={linesOf({ kind } as Command)} onYes={send} onClose={close} />
      )}
    </div>
  );
}

/** What was read is what is sent: a room that moves on meanwhile does not change it. */
function Ask(props: {
  kind: CommandKind;
  lines: readonly Sendable[];
  onYes: (kind: CommandKind, lines: readonly Sendable[]) => void;
  onClose: () => void;
}) {
  const lines = useSignal(props.lines).peek();
  return <PlanDialog kind={props.kind} lines={lines} onYes={() => props.onYes(props.kind, lines)} onClose={props.onClose} />;
}

/** With its code, for rooms of one case are called alike. */
function nameOf({ title, room }: WallRoom): string {
  const code = room.session.peek()?.code;
  return code ? `${title.peek()} (${code.slice(0, 3)} ${code.slice(3)})` : title.peek();
}
