import { signal } from "@preact/signals";

/** What a screen reader hears next. Polite: what was done. Urgent: what did not work. */
const polite = signal("");
const urgent = signal("");
let isOdd = false;

export function announce(text: string, options: { urgent?: boolean } = {}): void {
  // A text that repeats itself is read again only if it differs: a trailing no-break space comes and goes.
  isOdd = !isOdd;
  (options.urgent === true ? urgent : polite).value = isOdd ? text : `${text}\u00a0`;
}

/** Stands once, always in the page: a live region that is added together with its text is often not read. */
export function LiveRegions() {
  return (
    <div class="visually-hidden">
      <p role="status" aria-live="polite">
        {polite}
      </p>
      <p role="alert" aria-live="assertive">
        {urgent}
      </p>
    </div>
  );
}
