import { useEffect, useRef } from "preact/hooks";
import { BOUNDS } from "../../../generated/catalogue";

/** After the last letter. */
const CALM_MS = 700;

/**
 * A line of text that is kept while it is typed, whatever becomes of its field, and grows where it is long. While it has
 * the focus nobody else's version of it comes in between; `said` is what stands there otherwise.
 */
export function LineField(props: { label: string; said: string; placeholder?: string; isReadOnly?: boolean; onSaid: (text: string) => void }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  /** And not told yet. */
  const typed = useRef<string | null>(null);
  const said = useRef(props.onSaid);
  said.current = props.onSaid;
  const stands = useRef(props.said);
  stands.current = props.said;
  useEffect(() => {
    const input = field.current;
    if (input !== null && input !== document.activeElement) input.value = props.said;
  }, [props.said]);
  const keep = () => {
    clearTimeout(timer.current);
    const text = typed.current;
    typed.current = null;
    if (text !== null) said.current(text);
  };
  useEffect(() => {
    addEventListener("pagehide", keep);
    return () => {
      removeEventListener("pagehide", keep);
      // Taken off the screen in the middle of a word.
      keep();
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
      onInput={(event) => {
        typed.current = event.currentTarget.value;
        clearTimeout(timer.current);
        timer.current = setTimeout(keep, CALM_MS);
      }}
      onBlur={(event) => {
        // What came in while it had the focus is shown now, unless it is about to be said otherwise.
        if (typed.current === null) event.currentTarget.value = stands.current;
        keep();
      }}
      onKeyDown={(event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        keep();
      }}
    />
  );
}
