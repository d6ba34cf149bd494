import type { Api } from "../wire/api";

/** What is asked of the server as it is now, and kept nowhere: accounts, invitations, logins, the audit, what is kept. */
export type PeopleCalls = Pick<
  Api,
  | "addresses"
  | "colleagues"
  | "trainers"
  | "addTrainer"
  | "changeTrainer"
  | "removeTrainer"
  | "invitations"
  | "invite"
  | "withdrawInvitation"
  | "findInvitation"
  | "findFirstAdmin"
  | "changePassword"
  | "logins"
  | "endLogin"
  | "audit"
  | "retention"
  | "setRetention"
  | "due"
  | "viewed"
  | "freeTexts"
>;
