import type { Ref } from "preact";
import { BOUNDS } from "../generated/catalogue";
import { t } from "../i18n";

interface Props {
  name: string;
  setName(name: string): void;
  field: Ref<HTMLInputElement>;
  /** The page's error, `join-error`, is about it. */
  isWrong: boolean;
  hint: string;
}

/** Under which name one is shown to the others. */
export function NameField({ name, setName, field, isWrong, hint }: Props) {
  return (
    <div class="join-field">
      <label class="join-label" for="join-name">
        {t.value.join.name}
      </label>
      <input
        ref={field}
        id="join-name"
        class="join-name"
        name="name"
        autocomplete="nickname"
        enterkeyhint="go"
        maxLength={BOUNDS.display_name_characters}
        value={name}
        onInput={(event) => setName(event.currentTarget.value)}
        aria-invalid={isWrong}
        aria-describedby={isWrong ? "join-error join-name-hint" : "join-name-hint"}
      />
      <p class="join-hint" id="join-name-hint">
        {hint}
      </p>
    </div>
  );
}
