import { t } from "../i18n";

/** What a session is called on a trainee's screen: the public title, else whom it is about, else just "Session". */
export function publicName(session: { title: string; trainee_name: string | null }): string {
  return session.title || session.trainee_name || t.value.common.session;
}
