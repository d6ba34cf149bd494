import { SESSION_FIELDS, type SessionContent, type SessionEdit, type SessionField } from "../../device/sync/edit";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { dayTime } from "../fmt";
import { limitLines } from "../templates/templateWords";
import { counted } from "../words";

export function sessionFieldName(field: SessionField): string {
  return t.value.cases.session_fields[field];
}

/** What stands in one of a session's own fields, line by line, in words; nothing: no line. */
export function sessionFieldLines(session: SessionContent, field: SessionField, now: number): string[] {
  const { values } = t.value.cases;
  switch (field) {
    case "title":
    case "public_title":
      return session[field] === "" ? [] : [session[field]];
    case "trainee_name":
      return session.trainee_name === null ? [] : [session.trainee_name];
    case "expires_at":
      return [dayTime(Date.parse(session.expires_at), now)];
    case "limits":
      return limitLines(session.limits);
    case "co_trainer_ids":
      return session.co_trainer_ids.length === 0 ? [] : [counted(session.co_trainer_ids.length, values.steering)];
    case "shows_conditions":
      return [values.named[session.shows_conditions ? "on" : "off"]];
  }
}

/** What an edit of a session does, in words. */
export function sessionEditWords({ content }: SessionEdit, now: number): string {
  const { kinds } = t.value.dashboard.outbox;
  const parts = SESSION_FIELDS.flatMap((field) => {
    switch (field) {
      case "title":
      case "public_title":
        return content[field] ?? [];
      case "trainee_name":
        return content.trainee_name || [];
      case "expires_at":
        return content.expires_at === undefined ? [] : fill(kinds.until, { when: dayTime(Date.parse(content.expires_at), now) });
      case "shows_conditions":
        return content.shows_conditions === undefined ? [] : kinds.conditions[content.shows_conditions ? "on" : "off"];
      case "limits":
      case "co_trainer_ids":
        return content[field] === undefined ? [] : sessionFieldName(field);
    }
  });
  return parts.length > 0 ? parts.join(", ") : kinds.change;
}
