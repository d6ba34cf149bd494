import { chooseLanguage, language, t, type Language } from "../i18n";
import { chooseTheme, theme, type Theme } from "../theme/theme";
import "./Choices.css";

interface Option<T extends string> {
  value: T;
  text: string;
  /** The language of the text, where it is not that of the page. */
  lang?: string;
}

/** One of a few, all of them in sight. */
export function Choice<T extends string>(props: {
  label: string;
  name: string;
  options: readonly Option<T>[];
  chosen: T;
  choose: (value: T) => void;
  showLabel?: boolean;
}) {
  return (
    <fieldset class="choice">
      <legend class={props.showLabel === true ? "choice-legend" : "visually-hidden"}>{props.label}</legend>
      <div class="choice-options">
        {props.options.map((option) => (
          <label key={option.value} class="choice-option" lang={option.lang}>
            <input
              type="radio"
              name={props.name}
              value={option.value}
              checked={props.chosen === option.value}
              onChange={() => props.choose(option.value)}
            />
            <span>{option.text}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

const LANGUAGES: readonly Option<Language>[] = [
  { value: "fr", text: "Français", lang: "fr" },
  { value: "en", text: "English", lang: "en" },
];

export function LanguageChoice(props: { showLabel?: boolean }) {
  return (
    <Choice
      label={t.value.common.language}
      name="language"
      options={LANGUAGES}
      chosen={language.value}
      choose={chooseLanguage}
      {...props}
    />
  );
}

export function ThemeChoice(props: { showLabel?: boolean }) {
  const texts = t.value.common;
  const options: readonly Option<Theme>[] = [
    { value: "dark", text: texts.dark },
    { value: "light", text: texts.light },
  ];
  return (
    <Choice label={texts.theme} name="theme" options={options} chosen={theme.value} choose={chooseTheme} {...props} />
  );
}
