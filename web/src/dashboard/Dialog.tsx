import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { trainerTexts as t } from "../i18n/trainers";

/** The browser's own modal: it traps the focus, closes on Escape and gives the focus back. */
export function Dialog(props: {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  class?: string;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (dialog === null) return;
    const before = document.activeElement;
    if (!dialog.open) dialog.showModal();
    return () => {
      if (dialog.open) dialog.close();
      // Whoever has gone on to somewhere else by now stays there.
      const now = document.activeElement;
      const isLost = now === null || now === document.body || dialog.contains(now);
      if (isLost && before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      class={`db-dialog ${props.class ?? ""}`}
      aria-labelledby={id}
      onClose={props.onClose}
      onClick={(event) => {
        if (event.target === ref.current) props.onClose();
      }}
    >
      <div class="db-dialog-inner">
        <h2 id={id}>{props.title}</h2>
        {props.children}
      </div>
    </dialog>
  );
}

/** Ask before what cannot be taken back. The safe answer has the focus. */
export function Confirm(props: {
  title: string;
  yes: string;
  no?: string;
  onYes: () => void;
  onClose: () => void;
  children: ComponentChildren;
}) {
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      {props.children}
      <div class="db-dialog-actions">
        <button type="button" class="db-button" autofocus onClick={props.onClose}>
          {props.no ?? t.value.common.cancel}
        </button>
        <button
          type="button"
          class="db-button db-button-danger"
          onClick={() => {
            props.onYes();
            props.onClose();
          }}
        >
          {props.yes}
        </button>
      </div>
    </Dialog>
  );
}
