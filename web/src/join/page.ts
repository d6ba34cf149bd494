import { useEffect } from "preact/hooks";
import { language } from "../i18n";

/** What a screen reader and a browser's tab say about the page shown. */
export function usePage(title: string): void {
  const shown = language.value;
  useEffect(() => {
    document.documentElement.lang = shown;
    document.title = title;
  }, [title, shown]);
}
