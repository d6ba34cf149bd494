import { useSignal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";
import { trainerTexts as t } from "../../i18n/trainers";
import { Dialog } from "../Dialog";
import { Icon } from "../icons";
import { hasShortcuts, turnShortcuts } from "./onOff";
import { isTyping, SHORTCUTS, shortcutOf, type Shortcut } from "./shortcuts";
import "./keys.css";

/** Hears the keys of its page, and shows which there are: on `?`, and by its button. */
export function Shortcuts() {
  const isShown = useSignal(false);
  // With the first picture: whoever sees the page may press a key.
  useLayoutEffect(() => {
    const heard = (event: KeyboardEvent) => {
      if (!hasShortcuts.peek() || event.defaultPrevented || event.isComposing || event.repeat) return;
      if (isTyping(event.target) || document.querySelector("dialog[open]") !== null) return;
      if (event.key === "?" && !event.ctrlKey && !event.metaKey && !event.altKey) isShown.value = true;
      else if (!follow(event)) return;
      event.preventDefault();
    };
    document.addEventListener("keydown", heard);
    return () => document.removeEventListener("keydown", heard);
  }, []);
  return (
    <>
      <button
        type="button"
        class="db-button db-button-quiet db-keys-button"
        aria-label={t.value.dashboard.keys.open}
        title={`${t.value.dashboard.keys.open} (?)`}
        onClick={() => (isShown.value = true)}
      >
        <Icon name="keyboard" />
      </button>
      {isShown.value ? <List onClose={() => (isShown.value = false)} /> : null}
    </>
  );
}

/** False if the page has no such control now. */
function follow(event: KeyboardEvent): boolean {
  const shortcut = shortcutOf(event);
  const target = shortcut === null ? null : document.querySelector<HTMLElement>(shortcut.selector);
  if (shortcut === null || target === null) return false;
  // Of a group that the arrows move in: where they last were.
  const stop = target.matches("button, input, a") ? target : target.querySelector<HTMLElement>("[tabindex='0']");
  stop?.focus();
  if (shortcut.how === "press") stop?.click();
  return true;
}

/** Printed so on every keyboard. */
const ALT = "Alt";

function List(props: { onClose: () => void }) {
  const texts = t.value.dashboard.keys;
  const rows: [keyof typeof texts.what, string[]][] = [
    ...(Object.keys(SHORTCUTS) as Shortcut[]).map((name): [Shortcut, string[]] => {
      const { key } = SHORTCUTS[name];
      return [name, [ALT, texts.shift, key.replace("-", "–")]];
    }),
    ["other_sign", [ALT, "↑ ↓"]],
    ["send", ["Ctrl", "↵"]],
    ["help", ["?"]],
  ];
  return (
    <Dialog title={texts.title} class="db-keys" onClose={props.onClose}>
      <p class="db-hint">{texts.lead}</p>
      <dl class="db-keys-list">
        {rows.map(([name, keys]) => (
          <div key={name}>
            <dt>{texts.what[name]}</dt>
            <dd>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <label class="db-switch">
        <input
          type="checkbox"
          role="switch"
          checked={hasShortcuts.value}
          onChange={(event) => turnShortcuts(event.currentTarget.checked)}
        />
        <span>{texts.active}</span>
      </label>
      <div class="db-dialog-actions">
        <button type="button" class="db-button db-button-main" autofocus onClick={props.onClose}>
          {t.value.common.close}
        </button>
      </div>
    </Dialog>
  );
}
