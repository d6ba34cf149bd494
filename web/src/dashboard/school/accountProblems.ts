import { BOUNDS } from "../../generated/catalogue";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import type { Refusal } from "../../wire/types";
import { reason } from "../words";

/** What of an account can be wrong, by the names that the server gives the fields. */
export type AccountField = "school" | "email" | "name" | "role" | "password" | "new_password";
export type Problems = Partial<Record<AccountField, string>>;

const EMAIL = /^[^@\s]+@[^@\s]+$/;

/** What a person can see to before anything is sent; of a field that is not there nothing is said. */
export function accountProblems(account: Partial<Record<AccountField, string>>): Problems {
  const texts = t.value.people.problems;
  const { school, email, name } = account;
  const problems: Problems = {};
  if (school !== undefined && school.trim() === "") problems.school = texts.school_missing;
  if (name !== undefined && name.trim() === "") problems.name = texts.name_missing;
  if (email !== undefined && email.trim() === "") problems.email = texts.email_missing;
  else if (email !== undefined && !EMAIL.test(email.trim())) problems.email = texts.email_shape;
  for (const field of ["password", "new_password"] as const) {
    const problem = account[field] === undefined ? null : passwordProblem(account[field]);
    if (problem !== null) problems[field] = problem;
  }
  return problems;
}

/** The server's own rule, by its own numbers. */
function passwordProblem(password: string): string | null {
  const texts = t.value.people.problems;
  const least = BOUNDS.password_least_characters;
  if ([...password].length < least) return fill(texts.password_short, { count: least });
  if ([...password].length > BOUNDS.password_characters) return texts.password_long;
  return null;
}

/** What the server refused, at its fields: what could be seen to here was, so that of an address it is that it is taken. */
export function refusedFields(refusal: Refusal): Problems {
  const texts = t.value.people.problems;
  const words = {
    school: texts.name_wrong,
    email: texts.email_taken,
    name: texts.name_wrong,
    role: texts.role_wrong,
    password: texts.password_wrong,
    new_password: texts.password_wrong,
  };
  const named = new Set((refusal.errors ?? []).map(({ field }) => field));
  return Object.fromEntries(Object.entries(words).filter(([field]) => named.has(field)));
}

/** Why it did not work, for what is about accounts and not about a session. */
export function accountReason(refusal: Refusal): string {
  const texts = t.value.people.refusals;
  switch (refusal.code) {
    case "forbidden":
    case "not_found":
    case "conflict":
      return texts[refusal.code];
    case "rate_limited":
      return refusal.retry_after === undefined ? reason(refusal) : fill(texts.limited, { seconds: refusal.retry_after });
    default:
      return reason(refusal);
  }
}
