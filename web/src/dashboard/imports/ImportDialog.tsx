import { useEffect, useRef } from "preact/hooks";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { Dialog } from "../Dialog";
import { tellNotWritten } from "../room/notWritten";
import { announce } from "../shell/announce";
import { counted } from "../words";
import { FoundFile } from "./FoundFile";
import { ImportButton } from "./ImportButton";
import type { Imports } from "./imports";

/** What was found in the files, with its report; only what a person ticks is kept. */
export function ImportDialog(props: { imports: Imports }) {
  const { imports } = props;
  const texts = t.value.imports;
  const files = imports.files.value;
  const told = useRef(new Set<string>());
  useEffect(() => {
    for (const { id, name, reading } of files) {
      if (reading.state === "waiting" || reading.state === "reading") told.current.delete(id);
      else if (!told.current.has(id)) {
        told.current.add(id);
        const found = reading.state === "found" ? counted(reading.cases.templates.length, texts.found) : texts.nothing_found;
        announce(fill(found, { file: name }), { urgent: reading.state !== "found" });
      }
    }
  }, [files]);
  if (files.length === 0) return null;
  const count = imports.drafts().length;
  const isFound = files.some(({ reading }) => reading.state === "found");
  const keep = () => {
    const drafts = imports.drafts();
    if (drafts.length === 0) return;
    imports.keep().catch(tellNotWritten);
    announce(fill(counted(drafts.length, texts.kept), { titles: drafts.map(({ title }) => title).join(", ") }));
  };
  return (
    <Dialog title={texts.title} class="db-import" onClose={() => imports.close()}>
      <p class="db-hint">{isFound ? texts.lead : texts.formats}</p>
      <div class="db-import-files">
        {files.map((file) => (
          <FoundFile key={file.id} file={file} imports={imports} />
        ))}
      </div>
      <div class="db-dialog-actions">
        <ImportButton imports={imports} label={texts.more_files} class="db-import-more" />
        <button type="button" class="db-button" autofocus onClick={() => imports.close()}>
          {isFound ? t.value.common.cancel : texts.close}
        </button>
        {isFound ? (
          <button type="button" class="db-button db-button-main" aria-disabled={count === 0} onClick={keep}>
            {count === 0 ? texts.keep_none : counted(count, texts.keep_count)}
          </button>
        ) : null}
      </div>
    </Dialog>
  );
}
