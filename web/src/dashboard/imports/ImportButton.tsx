import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { trainerTexts as t } from "../../i18n/trainers";
import { Icon } from "../icons";
import type { Imports } from "./imports";
import "./imports.css";

/** Choose files, also several; what they hold is looked at, whatever their names say. */
export function ImportButton(props: { imports: Imports; label: string; class?: string }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" class={`db-button ${props.class ?? ""}`} onClick={() => input.current?.click()}>
        <Icon name="upload" /> {props.label}
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-hidden="true"
        tabIndex={-1}
        onChange={(event) => {
          props.imports.add([...(event.currentTarget.files ?? [])]);
          // The same file again is a choice, too.
          event.currentTarget.value = "";
        }}
      />
    </>
  );
}

/** Files may be dropped anywhere on the page, also over the dialog. */
export function DropFiles(props: { imports: Imports }) {
  const isOver = useSignal(false);
  useEffect(() => {
    const over = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      isOver.value = true;
    };
    const out = (event: DragEvent) => {
      if (event.relatedTarget === null) isOver.value = false;
    };
    const drop = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      isOver.value = false;
      props.imports.add([...(event.dataTransfer?.files ?? [])]);
    };
    const stop = new AbortController();
    addEventListener("dragover", over, stop);
    addEventListener("dragleave", out, stop);
    addEventListener("drop", drop, stop);
    return () => stop.abort();
  }, [props.imports]);
  if (!isOver.value) return null;
  return (
    <div class="db-import-drop" aria-hidden="true">
      <p>
        <Icon name="upload" /> {t.value.imports.drop}
      </p>
    </div>
  );
}

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes("Files") === true;
}
