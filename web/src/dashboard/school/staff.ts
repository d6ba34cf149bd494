import { language } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import type { NewAccount } from "../../wire/api";
import type { Refusal, Role, Trainer } from "../../wire/types";
import { refusedFields, type Problems } from "./accountProblems";

/** Whether the school would be left without an admin if this one stepped down or left. */
export function isLastAdmin(trainer: Pick<Trainer, "id" | "role">, all: readonly Pick<Trainer, "id" | "role">[]): boolean {
  return trainer.role === "admin" && !all.some((one) => one.role === "admin" && one.id !== trainer.id);
}

/** Only what is another than before: an account that is sent as it is would end nobody's logins, but says too much. */
export function changeOf(trainer: Trainer, wished: NewAccount): Partial<NewAccount> {
  return {
    ...(wished.email.trim().toLowerCase() === trainer.email ? {} : { email: wished.email.trim() }),
    ...(wished.name.trim() === trainer.name ? {} : { name: wished.name.trim() }),
    ...(wished.role === trainer.role ? {} : { role: wished.role }),
  };
}

/**
 * A conflict is the address that another account has, or the last admin. The latter is known before it is sent, unless
 * the other admin has left at this moment: then no address was sent, as a rule.
 */
export function changeProblems(refusal: Refusal, change: Partial<NewAccount>): Problems {
  const { email_taken, role_last_admin } = t.value.people.problems;
  if (refusal.code !== "conflict") return refusedFields(refusal);
  return change.email !== undefined ? { email: email_taken } : { role: role_last_admin };
}

/** As it stands within a sentence. */
export function roleName(role: Role): string {
  return t.value.dashboard.menu.role[role].toLocaleLowerCase(language.value);
}

const LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";

/** Of sixteen random bytes, to be told by word of mouth: without letters that are taken for others. */
export function proposedPassword(random: Uint8Array): string {
  const letters = [...random].map((byte) => LETTERS[byte % LETTERS.length]);
  return [0, 4, 8, 12].map((from) => letters.slice(from, from + 4).join("")).join("-");
}
