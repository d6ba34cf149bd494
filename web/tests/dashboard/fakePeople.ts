import type { PeopleCalls } from "../../src/device/people";
import type { AuditQuery, ListPage, NewAccount, Result } from "../../src/wire/api";
import type {
  Addresses, AuditEntry, Colleague, DebriefView, Due, FoundInvitation, FreeText, Invitation, Invited, OwnLogin, Refusal, KeptMonths,
  DecidedMonths, Trainer,
} from "../../src/wire/types"; // prettier-ignore

const TOLD = "2026-11-21T12:00:00.000Z";

export function anInvitation(part: Partial<Invitation> = {}): Invitation {
  return {
    id: "invitation-1",
    email: "bela@example.org",
    name: "Bela",
    role: "trainer",
    invited_by: "Demo Trainer",
    created_at: TOLD,
    expires_at: "2026-11-28T12:00:00.000Z",
    ...part,
  };
}

export function aFoundInvitation(part: Partial<FoundInvitation> = {}): FoundInvitation {
  const { email, name, role, invited_by, expires_at } = anInvitation();
  return { school: "Skills lab", email, name, role, invited_by, expires_at, standing: "open", ...part };
}

/** The server's side of the people of a school: what was asked of it stands in `calls`. */
export class FakePeople implements PeopleCalls {
  trainersHere: Trainer[] = [];
  waiting: Invitation[] = [];
  found: FoundInvitation | null = null;
  ownLogins: OwnLogin[] = [];
  entries: AuditEntry[][] = [[]];
  known: Addresses = { public_url: null, network_urls: [] };
  /** What everything that changes something is refused with. */
  refusal: Refusal | null = null;
  readonly #calls: unknown[][];

  constructor(calls: unknown[][]) {
    this.#calls = calls;
  }

  addresses = () => told(this.known);
  colleagues = (): Promise<Result<ListPage<Colleague>>> =>
    page(this.trainersHere.map(({ id, name, role }) => ({ id, name, role })));
  trainers = () => page(this.trainersHere);
  invitations = () => page(this.waiting);
  logins = () => page(this.ownLogins);

  addTrainer = (account: NewAccount & { password: string }) =>
    this.#change<Trainer>(["addTrainer", account], () => ({ ...this.trainersHere[0]!, ...account, id: "added" }));

  changeTrainer = (id: string, change: Partial<NewAccount & { password: string }>) =>
    this.#change<Trainer>(["changeTrainer", id, change], () => {
      this.trainersHere = this.trainersHere.map((one) => (one.id === id ? { ...one, ...change } : one));
      return this.trainersHere.find((one) => one.id === id)!;
    });

  removeTrainer = (id: string) =>
    this.#change<Trainer>(["removeTrainer", id], () => {
      const gone = this.trainersHere.find((one) => one.id === id)!;
      this.trainersHere = this.trainersHere.filter((one) => one.id !== id);
      return gone;
    });

  invite = (account: NewAccount) =>
    this.#change<Invited>(["invite", account], () => {
      const made = anInvitation(account);
      this.waiting = [made, ...this.waiting];
      return { ...made, url: "http://127.0.0.1:8000/invitation/secret" };
    });

  withdrawInvitation = (id: string) =>
    this.#change<null>(["withdrawInvitation", id], () => {
      this.waiting = this.waiting.filter((one) => one.id !== id);
      return null;
    });

  findInvitation = (): Promise<Result<FoundInvitation>> =>
    this.found === null ? refused({ code: "not_found", detail: "" }) : told(this.found);

  findFirstAdmin = (): Promise<Result<null>> => (this.refusal === null ? told(null) : refused(this.refusal));

  changePassword = (password: string, fresh: string) => this.#change<null>(["changePassword", password, fresh], () => null);

  endLogin = (id: string) =>
    this.#change<null>(["endLogin", id], () => {
      this.ownLogins = this.ownLogins.filter((one) => one.id !== id);
      return null;
    });

  audit = (query: AuditQuery, cursor: string | null): Promise<Result<ListPage<AuditEntry>>> => {
    this.#calls.push(["audit", query, cursor]);
    const at = cursor === null ? 0 : Number(cursor);
    const next_cursor = at + 1 < this.entries.length ? String(at + 1) : null;
    return Promise.resolve({ ok: true, value: { items: this.entries[at]!, next_cursor } });
  };

  kept: KeptMonths = { names_months: 12, records_months: null, begins_at: null };
  dueNext: Due[] = [];
  /** Of whichever session; null: the server cannot be reached. */
  texts: FreeText[] | null = [];
  /** Told without being asked for, so it is no call that a test waits for. */
  readonly views: string[] = [];

  retention = () => told(this.kept);
  due = () => page(this.dueNext);

  freeTexts(): Promise<Result<{ texts: FreeText[] }>> {
    const { texts } = this;
    return Promise.resolve(texts === null ? { ok: false, refusal: { code: "network", detail: "" } } : { ok: true, value: { texts } });
  }

  setRetention = (body: DecidedMonths) =>
    this.#change<KeptMonths>(["setRetention", body], () => {
      this.kept = { begins_at: null, ...body, records_months: body.records_months ?? null };
      return this.kept;
    });

  viewed = (_session: string, view: DebriefView) => {
    this.views.push(view);
    return told(null);
  };

  #change<T>(call: unknown[], make: () => T): Promise<Result<T>> {
    this.#calls.push(call);
    return this.refusal === null ? told(make()) : refused(this.refusal);
  }
}

function told<T>(value: T): Promise<Result<T>> {
  return Promise.resolve({ ok: true, value });
}

function page<T>(items: T[]): Promise<Result<ListPage<T>>> {
  return told({ items, next_cursor: null });
}

function refused(refusal: Refusal): Promise<{ ok: false; refusal: Refusal }> {
  return Promise.resolve({ ok: false, refusal });
}
