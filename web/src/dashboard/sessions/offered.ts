import type { Language } from "../../i18n";
import type { Template } from "../../wire/types";

export interface Offered {
  /** In the reader's language; and those of no language, which somebody of the school wrote. */
  readonly own: readonly Template[];
  readonly others: readonly Template[];
}

/** The templates to start from, each list by title. A deleted one is in neither. */
export function offered(templates: readonly Template[], language: Language): Offered {
  const sorted = templates
    .filter((one) => one.deleted_at === null)
    .sort((one, other) => one.title.localeCompare(other.title, language) || one.id.localeCompare(other.id));
  const isOwn = (one: Template) => one.language === null || one.language.toLowerCase().split("-")[0] === language;
  return { own: sorted.filter(isOwn), others: sorted.filter((one) => !isOwn(one)) };
}
