// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from "vitest";
import { pathTo } from "../../src/app/pages";
import { go, path } from "../../src/app/route";
import { agentWords } from "../../src/dashboard/account/agent";
import { namesIn, whatWords } from "../../src/dashboard/audit/auditWords";
import { accountProblems } from "../../src/dashboard/school/accountProblems";
import { changeOf, isLastAdmin, proposedPassword } from "../../src/dashboard/school/staff";
import { Pages } from "../../src/dashboard/shell/Pages";
import { chooseLanguage } from "../../src/i18n";
import type { AuditEntry, Trainer } from "../../src/wire/types";
import { FakeDevice, TRAINER } from "./fakeDevice";
import { aFoundInvitation, anInvitation } from "./fakePeople";
import { show, type Page } from "./page";

vi.mock("uplot", () => ({ default: class {} }));

let page: Page | null = null;
let device: FakeDevice;

afterEach(() => {
  page?.unmount();
  page = null;
});

const ADMIN: Trainer = { ...TRAINER, role: "admin" };
const BELA: Trainer = { ...TRAINER, id: "trainer-2", name: "Bela", email: "bela@example.org" };

async function opened(where: string, me: Trainer | null = ADMIN, prepare: () => void = () => {}): Promise<Page> {
  go(where);
  device = new FakeDevice({ me });
  device.people.trainersHere = [ADMIN, BELA];
  prepare();
  page = await show(device, <Pages />);
  await page.settle();
  return page;
}

const dialogButton = (shown: Page) => [...shown.root.querySelectorAll<HTMLElement>("dialog button")].at(-1)!;
const problems = (shown: Page) => [...shown.root.querySelectorAll(".db-below-problem")].map((one) => one.textContent);

describe("the people of the school", () => {
  it("are seen by name and role by whoever is no admin, without anything to do about them", async () => {
    const shown = await opened(pathTo("school"), BELA);
    expect(shown.text()).toContain("Demo Trainer");
    expect(shown.text()).not.toContain("demo@shiller.local");
    expect(shown.root.querySelectorAll("main button")).toHaveLength(0);
    expect(shown.root.querySelectorAll(".db-nav a")).toHaveLength(5);
  });

  it("are invited by a link that is shown this once", async () => {
    const shown = await opened(pathTo("school"), ADMIN, () => (device.people.known = { public_url: "https://sim.example", network_urls: [] }));
    await shown.click(shown.button("Invite a colleague"));
    await shown.click(shown.button("Make the link"));
    expect(problems(shown)).toEqual(["Fill in the name.", "Fill in the email address."]);
    await shown.type(shown.field("Name"), " Carla ");
    await shown.type(shown.field(/^Email/), "carla");
    await shown.click(shown.button("Make the link"));
    expect(problems(shown)).toEqual(["This is no email address."]);
    await shown.type(shown.field(/^Email/), "carla@example.org");
    await shown.click(shown.field(/^Observer/));
    await shown.click(shown.button("Make the link"));
    expect(device.calls).toContainEqual(["invite", { email: "carla@example.org", name: "Carla", role: "observer" }]);
    expect(shown.root.querySelector("dialog code")!.textContent).toBe("https://sim.example/invitation/secret");
    await shown.click(shown.button("Done"));
    expect(shown.root.innerHTML).not.toContain("secret");
    expect(shown.text()).toContain("carla@example.org");
  });

  it("are told at the field that an address is taken", async () => {
    const shown = await opened(pathTo("school"));
    device.people.refusal = { code: "invalid_fields", detail: "", errors: [{ field: "email", message: "" }] };
    await shown.click(shown.button("Invite a colleague"));
    await shown.type(shown.field("Name"), "Carla");
    await shown.type(shown.field(/^Email/), "bela@example.org");
    await shown.click(shown.button("Make the link"));
    expect(problems(shown)).toEqual(["This address belongs to an account already."]);
  });

  it("keep one admin: the last one neither steps down nor is removed", async () => {
    const shown = await opened(pathTo("school"));
    await shown.click(shown.button("Remove: Demo Trainer"));
    expect(shown.text()).toContain("is the only administrator");
    await shown.click(dialogButton(shown));
    await shown.click(shown.button("Change: Demo Trainer"));
    await shown.click(shown.field(/^Trainer/));
    await shown.click(shown.button("Save"));
    expect(problems(shown)).toEqual(["A school keeps at least one administrator: make somebody else one first."]);
    expect(device.calls).toEqual([]);
  });

  it("are changed in what was changed alone, and removed after a question", async () => {
    const shown = await opened(pathTo("school"));
    await shown.click(shown.button("Change: Bela"));
    await shown.click(shown.field(/^Administrator/));
    await shown.click(shown.button("Save"));
    expect(device.calls).toContainEqual(["changeTrainer", BELA.id, { role: "admin" }]);
    await shown.click(shown.button("New password: Bela"));
    const proposed = shown.field(/^Password/).value;
    expect(proposed).toMatch(/^[a-z2-9]{4}(-[a-z2-9]{4}){3}$/);
    await shown.click(shown.button("Set the password"));
    expect(device.calls).toContainEqual(["changeTrainer", BELA.id, { password: proposed }]);
    await shown.click(shown.button("Remove: Bela"));
    expect(device.calls.some(([what]) => what === "removeTrainer")).toBe(false);
    await shown.click(dialogButton(shown));
    expect(device.calls).toContainEqual(["removeTrainer", BELA.id]);
    expect(shown.root.querySelector("main")!.textContent).not.toContain("bela@example.org");
  });

  it("have invitations that say until when they open, and can be withdrawn", async () => {
    const shown = await opened(pathTo("school"), ADMIN, () => {
      device.people.waiting = [anInvitation(), anInvitation({ id: "late", name: "Late", expires_at: "2026-11-20T12:00:00.000Z" })];
    });
    const rows = [...shown.root.querySelectorAll(".db-invitations tbody tr")].map((row) => row.textContent);
    expect(rows[0]).toMatch(/28/);
    expect(rows[1]).toContain("has run out");
    await shown.click(shown.button("Withdraw: Bela"));
    await shown.click(dialogButton(shown));
    expect(device.calls).toContainEqual(["withdrawInvitation", "invitation-1"]);
  });
});

describe("one's own account", () => {
  const LOGINS = [
    { id: "here", agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", created_at: "2026-11-21T11:00:00.000Z", expires_at: "2026-11-22T11:00:00.000Z", is_current: true },
    { id: "there", agent: "", created_at: "2026-11-20T11:00:00.000Z", expires_at: "2026-11-22T11:00:00.000Z", is_current: false },
  ]; // prettier-ignore

  it("changes its password, and says which of the two is wrong", async () => {
    const shown = await opened(pathTo("me"), BELA, () => (device.people.ownLogins = LOGINS));
    await shown.click(shown.button("Change the password"));
    expect(problems(shown)).toEqual(["This is not your present password.", "At least 8 characters."]);
    await shown.type(shown.field(/^Present password/), "not it at all");
    await shown.type(shown.field(/^New password/), "a new password");
    device.people.refusal = { code: "invalid_fields", detail: "", errors: [{ field: "password", message: "" }] };
    await shown.click(shown.button("Change the password"));
    expect(problems(shown)).toEqual(["This is not your present password."]);
    device.people.refusal = null;
    await shown.click(shown.button("Change the password"));
    expect(shown.text()).toContain("You are logged out everywhere else.");
    expect(shown.field(/^New password/).value).toBe("");
  });

  it("sees its logins and ends another one, never this one", async () => {
    const shown = await opened(pathTo("me"), BELA, () => (device.people.ownLogins = LOGINS));
    expect(shown.text()).toContain("Firefox on Linux");
    await shown.click(shown.button(/^End: unknown program/));
    expect(device.calls).toContainEqual(["endLogin", "there"]);
    expect(shown.root.querySelectorAll("tbody button")).toHaveLength(0);
  });
});

describe("the link of an invitation", () => {
  const at = pathTo("invitation", { token: "secret" });

  it("says who invites, and leads in by a password", async () => {
    const shown = await opened(at, null, () => (device.people.found = aFoundInvitation()));
    expect(shown.text()).toContain("Demo Trainer invites you to Skills lab, as trainer");
    await shown.type(shown.field(/^Password/), "short");
    await shown.click(shown.button("Join Skills lab"));
    expect(problems(shown)).toEqual(["At least 8 characters."]);
    await shown.type(shown.field(/^Password/), "long enough");
    await shown.click(shown.button("Join Skills lab"));
    expect(device.calls).toContainEqual(["acceptInvitation", "secret", "long enough"]);
    expect(path.value).toBe(pathTo("sessions"));
  });

  it.each([
    ["accepted", "was used already"],
    ["expired", "Ask Demo Trainer for a new one"],
    ["withdrawn", "only the newer opens"],
  ] as const)("says that it is %s, and what to do", async (standing, words) => {
    const shown = await opened(at, null, () => (device.people.found = aFoundInvitation({ standing })));
    expect(shown.text()).toContain(words);
    expect(shown.root.querySelector("input[type=password]")).toBeNull();
    expect(shown.root.querySelector(`a[href="${pathTo("sessions")}"]`)).not.toBeNull();
  });

  it("says that it is unknown, or that there is an account meanwhile", async () => {
    expect((await opened(at, null)).text()).toContain("leads to no invitation");
    page!.unmount();
    const shown = await opened(at, null, () => (device.people.found = aFoundInvitation()));
    device.linkRefusal = { code: "conflict", detail: "" };
    await shown.type(shown.field(/^Password/), "long enough");
    await shown.click(shown.button("Join Skills lab"));
    expect(shown.text()).toContain("There is an account by now");
  });

  it("warns whoever is somebody else on this device", async () => {
    const shown = await opened(at, ADMIN, () => (device.people.found = aFoundInvitation()));
    expect(shown.text()).toContain("On this device Demo Trainer is logged in");
  });
});

describe("the link of a new server", () => {
  const at = pathTo("first", { token: "secret" });

  it("makes the school and its admin", async () => {
    const shown = await opened(at, null);
    await shown.click(shown.button("Make the account"));
    expect(problems(shown)).toHaveLength(4);
    await shown.type(shown.field(/^Name of the school/), "Skills lab");
    await shown.type(shown.field("Name"), "Ada");
    await shown.type(shown.field(/^Email/), "ada@example.org");
    await shown.type(shown.field(/^Password/), "long enough");
    await shown.click(shown.button("Make the account"));
    expect(device.calls[0]).toEqual([
      "makeFirstAdmin", "secret", { school: "Skills lab", name: "Ada", email: "ada@example.org", password: "long enough" },
    ]); // prettier-ignore
    expect(path.value).toBe(pathTo("school"));
  });

  it.each([
    ["conflict", "set up already"],
    ["not_found", "not the link of this server"],
    ["network", "Try again"],
  ] as const)("says what is wrong with it: %s", async (code, words) => {
    const shown = await opened(at, null, () => (device.people.refusal = { code, detail: "" }));
    expect(shown.text()).toContain(words);
  });
});

describe("the audit", () => {
  const entry = (part: Partial<AuditEntry>): AuditEntry => ({
    id: crypto.randomUUID(),
    at: "2026-11-21T12:00:00.000Z",
    by: { id: ADMIN.id, name: ADMIN.name },
    action: "changed",
    subject: { type: "trainer", id: BELA.id },
    details: {},
    ...part,
  });

  it("is read page by page, and anew for another question", async () => {
    const shown = await opened(pathTo("audit"), ADMIN, () => {
      device.people.entries = [[entry({ details: { fields: ["role", "password"] } })], [entry({ action: "added", details: { name: "Bela" } })]];
    });
    expect(shown.text()).toContain("changed the account of Bela: role, password");
    await shown.click(shown.button("Older entries"));
    expect(shown.text()).toContain("made the account of Bela");
    const select = shown.root.querySelector<HTMLSelectElement>("select")!;
    select.value = BELA.id;
    select.dispatchEvent(new Event("change", { bubbles: true }));
    await shown.settle();
    await shown.settle();
    expect(device.calls.at(-1)).toEqual(["audit", { by: BELA.id }, null]);
    expect(shown.root.querySelectorAll("tbody tr")).toHaveLength(1);
  });

  it("is for admins", async () => {
    const shown = await opened(pathTo("audit"), BELA);
    expect(shown.text()).toContain("Only administrators");
    expect(device.calls).toEqual([]);
  });

  it("has words for everything that there is, in both languages", () => {
    const all: [AuditEntry["action"], AuditEntry["subject"]["type"]][] = [
      ["added", "trainer"], ["changed", "trainer"], ["deleted", "trainer"], ["login_ended", "trainer"],
      ["invited", "invitation"], ["withdrawn", "invitation"], ["added", "template"], ["changed", "template"],
      ["deleted", "template"], ["opened", "session"], ["changed", "session"], ["closed", "session"],
      ["exported", "session"], ["taken_over", "session"], ["exported", "school"], ["imported", "school"],
      ["added", "hall"], ["revoked", "hall"], ["revoked", "device"], ["let_in", "device"], ["forgotten", "device"],
    ]; // prettier-ignore
    for (const [language, unknown] of [["en", "does not know"], ["fr", "ne connaît pas"]] as const) {
      chooseLanguage(language);
      for (const [action, type] of all) {
        const words = whatWords(entry({ action, subject: { type, id: "x" }, details: { name: "N", title: "T", email: "e", hall: "H" } }), new Map());
        expect(words, `${action} ${type}`).not.toMatch(new RegExp(`${unknown}|[{}]`));
      }
      expect(whatWords(entry({ action: "imported", subject: { type: "hall", id: "x" } }), new Map())).toContain(unknown);
    }
    chooseLanguage("en");
    const joined = entry({ action: "added", details: { name: "Bela", invited_by: "Ada" } });
    expect(whatWords(joined, new Map())).toBe("took up the invitation by Ada");
  });

  it("says whose device it was", () => {
    const subject = { type: "device", id: "d" } as const;
    const shutOut = entry({ action: "revoked", subject, details: { client_id: "tablet", trainer_id: BELA.id } });
    expect(whatWords(shutOut, new Map([[BELA.id, BELA.name]]))).toBe(`shut out a device of ${BELA.name}`);
    const ofHall = entry({ action: "forgotten", subject, details: { client_id: "hall/1", trainer_id: null } });
    expect(whatWords(ofHall, new Map())).toBe("took a device of a hall off the list");
  });

  it("calls what is gone by the name that an entry has kept of it", () => {
    const [gone, changed] = [
      entry({ action: "deleted", subject: { type: "template", id: "case-1" }, details: { title: "Sepsis" } }),
      entry({ subject: { type: "template", id: "case-1" }, details: { fields: ["title"] } }),
    ];
    expect(whatWords(changed!, namesIn([gone!, changed!], new Map()))).toBe("changed the case “Sepsis”: title");
    expect(whatWords(changed!, new Map())).toContain("a case");
  });
});

describe("the rules behind the forms", () => {
  it("know what a password may be by the server's numbers", () => {
    expect(accountProblems({ password: "密".repeat(64) })).toEqual({});
    expect(accountProblems({ password: "é".repeat(501) })).toEqual({ password: "This password is too long." });
    expect(accountProblems({ password: "1234567" }).password).toContain("8");
  });

  it("send nothing that is as it was", () => {
    expect(changeOf(BELA, { ...BELA, email: " Bela@Example.org ", name: " Bela " })).toEqual({});
    expect(changeOf(BELA, { ...BELA, name: "B", role: "observer" })).toEqual({ name: "B", role: "observer" });
  });

  it("know the last admin", () => {
    expect(isLastAdmin(ADMIN, [ADMIN, BELA])).toBe(true);
    expect(isLastAdmin(ADMIN, [ADMIN, { ...BELA, role: "admin" }])).toBe(false);
    expect(isLastAdmin(BELA, [ADMIN, BELA])).toBe(false);
  });

  it("propose passwords that can be read out", () => {
    expect(proposedPassword(new Uint8Array(16))).toBe("aaaa-aaaa-aaaa-aaaa");
    expect(proposedPassword(Uint8Array.from({ length: 16 }, (_, n) => n * 16))).not.toMatch(/[il01o]/);
  });

  it.each([
    ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"],
    ["Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1", "Safari on iPhone"],
    ["Mozilla/5.0 (Linux; Android 16; SM-X210) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36", "Chrome on Android"],
    ["python-httpx/0.28", "python-httpx/0.28"],
    ["", "unknown program"],
  ])("know a device by %s", (agent, words) => expect(agentWords(agent)).toBe(words));
});
