import { useEffect, useRef } from "preact/hooks";
import { BOUNDS } from "../../../generated/catalogue";

/** After the last letter. */
const CALM_MS = 700;

/**
 * A line of text that is kept while it is typed, and grows where it is long. While it has the focus nobody else's version of it comes in between;
 * `said` is what stands there otherwise.
 */
export function LineField(props: { label: string; said: string; placeholder?: string; isReadOnly?: boolean; onSaid: (text: string) => void }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const said = useRef(props.onSaid);
  said.current = props.onSaid;
  useEffect(() => {
    const input = field.current;
    if (input !== null && input !== document.activeElement) input.value = props.said;
  }, [props.said]);
  const keep = () => {
    clearTimeout(timer.current);
    timer.current = undefined;
    if (field.current !== null) said.current(field.current.value);
  };
  useEffect(() => {
    const left = () => timer.current !== undefined && keep();
    addEventListener("pagehide", left);
    return () => {
      removeEventListener("pagehide", left);
      clearTimeout(timer.current);
    };
  }, []);
  return (
    <textarea
      ref={field}
      rows={1}
      class="db-line-field"
      aria-label={props.label}
      placeholder={props.placeholder ?? ""}
      readOnly={props.isReadOnly ?? false}
      maxLength={BOUNDS.note_characters}
      autocomplete="off"
      onInput={() => {
        clearTimeout(timer.current);
        timer.current = setTimeout(keep, CALM_MS);
      }}
      onBlur={() => timer.current !== undefined && keep()}
      onKeyDown={(event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        keep();
      }}
    />
  );
}
