import { trainerTexts as t } from "../../i18n/trainers";
import { START_VALUES } from "../../patient/signs";
import { useEditor } from "./editor";
import { PickField, TextField } from "./fields";
import { CASE_LANGUAGES } from "./pairs";
import { PartTitle } from "./PartTitle";
import { StateFields } from "./StateFields";
import { OtherWords, Twin } from "./Twin";
import { NumberField } from "./typedFields";

export function AboutForm() {
  const editor = useEditor();
  const texts = t.value.editor.fields;
  const draft = editor.draft.value;
  const text = (field: "title" | "public_title" | "description") => ({
    field,
    value: draft[field],
    onText: (value: string) => editor.change({ type: "case", fields: { [field]: value } }, field),
  });
  return (
    <>
      <PartTitle text={t.value.editor.about} />
      <TextField
        {...text("title")}
        label={texts.title}
        hint={texts.title_hint}
        isFirst={editor.isNew && draft.title === ""}
      />
      <OtherWords of={({ title }) => title} />
      <TextField {...text("public_title")} label={texts.public_title} hint={texts.public_title_hint} />
      <OtherWords of={({ public_title }) => public_title} />
      <TextField {...text("description")} label={texts.description} hint={texts.description_hint} rows={6} />
      <OtherWords of={({ description }) => description} />
      <div class="db-ed-pair">
        <PickField
          field="language"
          label={texts.language}
          value={draft.language ?? ""}
          onPick={(tag) => editor.change({ type: "case", fields: { language: tag === "" ? null : tag } })}
        >
          <option value="">{texts.any_language}</option>
          {[...new Set<string>([...CASE_LANGUAGES, ...(draft.language === null ? [] : [draft.language])])].map(
            (tag) => (
              <option key={tag} value={tag}>
                {(t.value.cases.values.languages as Record<string, string>)[tag] ?? tag}
              </option>
            ),
          )}
        </PickField>
        <NumberField
          field="duration_minutes"
          label={texts.duration}
          hint={texts.duration_hint}
          value={draft.duration_minutes}
          decimals={0}
          unit="min"
          onValue={(duration_minutes) =>
            editor.change({ type: "case", fields: { duration_minutes } }, "duration_minutes")
          }
        />
      </div>
      <Twin />
    </>
  );
}

export function StartForm() {
  const editor = useEditor();
  return (
    <>
      <PartTitle text={t.value.editor.start} />
      <StateFields
        prefix=""
        state={editor.draft.value}
        before={START_VALUES}
        isStart
        onState={(fields, typed) => editor.change({ type: "case", fields }, typed)}
      />
    </>
  );
}
