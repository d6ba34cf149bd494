import { isOfSession } from "../../device/sync/edit";
import { trainerTexts as t } from "../../i18n/trainers";
import { useDevice } from "../context";
import { Icon } from "../icons";
import { ConflictCard } from "./ConflictCard";
import { SessionConflictCard } from "./SessionConflictCard";
import "./conflicts.css";

/** Where this device and somebody else want different things: a person chooses, with or without a network. */
export function ConflictsPage() {
  const device = useDevice();
  const texts = t.value.cases.conflicts;
  const conflicts = device.conflicts.value;
  return (
    <main class="db-page db-conflicts" id="content" tabIndex={-1}>
      <h1>{texts.title}</h1>
      {conflicts.length === 0 ? (
        <div class="db-empty">
          <h2>
            <Icon name="check" /> {texts.none}
          </h2>
          <p>{texts.none_help}</p>
        </div>
      ) : (
        <>
          <p class="db-hint">{texts.lead}</p>
          {conflicts.map((conflict) =>
            isOfSession(conflict) ? (
              <SessionConflictCard key={`${conflict.session_id} ${conflict.version}`} conflict={conflict} />
            ) : (
              <ConflictCard key={`${conflict.template_id} ${conflict.version}`} conflict={conflict} />
            ),
          )}
        </>
      )}
    </main>
  );
}
