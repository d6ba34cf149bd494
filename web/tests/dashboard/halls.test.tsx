// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from "vitest";
import { pathTo } from "../../src/app/pages";
import { go } from "../../src/app/route";
import { offsetWords, contactWords } from "../../src/dashboard/halls/contact";
import { RoomPage } from "../../src/dashboard/room/RoomPage";
import { Pages } from "../../src/dashboard/shell/Pages";
import { aHall, aHallConflict, aSession, aTemplate, FakeDevice, NOON, TRAINER } from "./fakeDevice";
import { conflictsOfHalls, type HallConflict } from "../../src/device/sync/schoolHalls";
import { show, type Page } from "./page";

vi.mock("uplot", () => ({ default: class {} }));
vi.mock("../../src/dashboard/room/record/chart", async (original) => ({
  ...(await original<typeof import("../../src/dashboard/room/record/chart")>()),
  createChart: () => ({ draw() {}, show() {}, resize() {}, destroy() {} }),
}));
vi.mock("../../src/monitor/MonitorScreen", () => ({ MonitorScreen: () => null }));

let page: Page;
let device: FakeDevice;

afterEach(() => page.unmount());

const at = (seconds: number) => new Date(NOON + seconds * 1000).toISOString();
const BELA = { ...TRAINER, id: "trainer-2", name: "Bela" };

describe("the halls of the school", () => {
  async function opened(role: "admin" | "trainer" = "admin", halls = [aHall()], conflicts: HallConflict[] = []): Promise<void> {
    go(pathTo("halls"));
    device = new FakeDevice({ me: { ...TRAINER, role } });
    device.itsHalls = { halls, trainers: [TRAINER, BELA], conflicts };
    page = await show(device, <Pages />);
    await page.settle();
  }
  const rows = () => [...page.root.querySelectorAll("main tbody tr")].map((row) => row.textContent ?? "");

  it("are listed with what they have not sent, and how right their clocks are", async () => {
    await opened("admin", [
      aHall({ trainers: [BELA.id, "gone"], last_seen_at: at(-180), release: "1.4", clock_offset_ms: 65_000, open_sessions: 2,
        waiting: { templates: 0, sessions: 1, events: 12, annotations: 0, since: at(-600) } }),
      aHall({ id: "hall-2", name: "South", revoked_at: at(-60) }),
    ]); // prettier-ignore
    const [north, south] = rows();
    for (const said of ["NorthBela, a deleted account", "3 min ago", "1 session", "12 events", "1 min 5 s slow", "21.4"])
      expect(north?.replaceAll("\u00a0", " ")).toContain(said);
    expect(south).toContain("All trainers, but no admin");
    expect(south).toContain("never");
    expect(south).toMatch(/revoked \d/);
    expect(page.root.querySelectorAll("main tbody button")).toHaveLength(1);
  });

  it("want some things differently: an admin chooses, and hears of what was changed meanwhile", async () => {
    await opened("admin", [aHall()], [aHallConflict()]);
    expect(page.text()).toContain("Changed here and in a hall");
    device.hallRefusal = { code: "conflict", detail: "" };
    await page.click(page.button("Keep what North wanted"));
    expect(device.calls).toContainEqual(["settleHallConflict", "conflict-1", { keep: "mine", content: { title: "ABC 235" } }]);
    expect(page.root.querySelector("[role=alert]")).not.toBeNull();
    device.hallRefusal = null;
    await page.click(page.button("Keep what is on the server"));
    expect(device.calls).toContainEqual(["settleHallConflict", "conflict-1", { keep: "theirs" }]);
    expect(page.text()).not.toContain("Changed here and in a hall");
  });

  it("want a case that was deleted here, or have deleted one", async () => {
    await opened("admin", [aHall()], [aHallConflict({ theirs: null, fields: [] })]);
    await page.click(page.button("Bring it back as the hall has it"));
    const [, , settled] = device.calls.find(([name]) => name === "settleHallConflict")!;
    expect(settled).toMatchObject({ keep: "mine", content: { title: "ABC 235" } });
    await page.unmount();
    await opened("admin", [aHall()], [aHallConflict({ mine: null, fields: [] })]);
    await page.click(page.button("Delete it here, too"));
    expect(device.calls).toContainEqual(["settleHallConflict", "conflict-1", { keep: "mine", content: null }]);
  });

  it("are told from trainers' devices, and by what they changed", () => {
    const template = aTemplate({ title: "Theirs", description: "of the school" });
    const conflict = {
      id: "conflict-1", clientId: "hall-x", trainerId: null, entityType: "TEMPLATE" as const, createdAt: at(0),
      localPayload: { ...template, title: "Mine", description: "old" }, localFields: ["title"],
      serverData: { version: 9, deleted: false, payload: template },
    }; // prettier-ignore
    const tablet = {
      clientId: "hall-x", trainerId: null, hallId: "hall-1", lastSeenAt: at(0), behind: false, revokedAt: null, revokedBy: null,
    }; // prettier-ignore
    const [told, ...others] = conflictsOfHalls([conflict, { ...conflict, clientId: "tablet" }], [tablet], [aHall()]);
    expect(others).toEqual([]);
    expect(told).toMatchObject({ hall: "North", version: 9, fields: ["title"], mine: { title: "Mine", description: "of the school" } });
    expect(conflictsOfHalls([{ ...conflict, localPayload: null }], [tablet], [])[0]).toMatchObject({ hall: null, mine: null });
  });

  it("say what to do while there is none", async () => {
    await opened("admin", []);
    expect(page.text()).toContain("No hall yet");
  });

  it("are added for those who were chosen, and the token is shown this once", async () => {
    await opened("admin", []);
    await page.click(page.button("Make a token"));
    expect(page.text()).toContain("Give the hall a name.");
    await page.type(page.field("Name, as it will be seen here"), "North");
    await page.click(page.button("Make a token"));
    expect(page.text()).toContain("Choose who may log in there.");
    await page.click(page.field("Bela"));
    await page.click(page.button("Make a token"));
    expect(device.calls).toContainEqual(["addHall", "North", [BELA.id]]);
    const dialog = page.root.querySelector("dialog")!;
    expect(dialog.textContent).toContain("shh_secret");
    expect(dialog.textContent).toContain("SYNC_UPSTREAM_TOKEN=shh_secret");
    await page.click(page.button("I have it"));
    expect(page.root.innerHTML).not.toContain("shh_secret");
    expect(rows()[0]).toContain("North");
  });

  it("let everybody in only where that is said, and tell of a name that is taken", async () => {
    await opened("admin", []);
    device.hallRefusal = { code: "conflict", detail: "" };
    await page.type(page.field("Name, as it will be seen here"), "North");
    await page.click(page.field("All trainers, but no admin"));
    await page.click(page.button("Make a token"));
    expect(device.calls).toContainEqual(["addHall", "North", "all"]);
    expect(page.text()).toContain("Another hall has this name");
  });

  it("are revoked after a question that says what is still open", async () => {
    await opened("admin", [aHall({ open_sessions: 1 })]);
    await page.click(page.button("Revoke: North"));
    expect(page.text()).toContain("1 session of it is still open.");
    expect(device.calls).toEqual([]);
    await page.click([...page.root.querySelectorAll<HTMLElement>("dialog button")].at(-1)!);
    expect(device.calls).toContainEqual(["revokeHall", "hall-1"]);
    expect(rows()[0]).toMatch(/revoked/);
  });

  it("are nobody else's to see, and say that they could not be read", async () => {
    await opened("trainer");
    expect(page.root.querySelector("main table")).toBeNull();
    expect(page.text()).toContain("Only admins of your school see its halls.");
    expect(page.root.querySelector("a[href='/dashboard/halls']")).toBeNull();
    page.unmount();
    await opened();
    expect(page.root.querySelector("a[href='/dashboard/halls']")).not.toBeNull();
    page.unmount();
    go(pathTo("halls"));
    device = new FakeDevice({ me: { ...TRAINER, role: "admin" } });
    device.itsHalls = null;
    page = await show(device, <Pages />);
    await page.settle();
    expect(page.text()).toContain("The server cannot be reached.");
  });
});

describe("a session that runs in a hall", () => {
  const hall = { id: "hall-1", name: "North", heard_at: at(-120) };

  async function room(role: "admin" | "trainer", part: object = {}): Promise<void> {
    device = new FakeDevice({ me: { ...TRAINER, role }, sessions: [aSession({ hall, clock_offset_ms: 500, ...part })] });
    page = await show(device, <RoomPage sessionId="session-1" />);
  }
  const buttons = () => [...page.root.querySelectorAll("main button")].map((one) => one.textContent ?? "");

  it("says where it runs and how old its news is, and has no controls", async () => {
    await room("trainer");
    expect(page.text()).toContain("runs in the hall “North”");
    expect(page.text().replaceAll("\u00a0", " ")).toContain("2 min ago");
    expect(page.root.querySelectorAll(".db-sign-heart_rate input")).toHaveLength(0);
    expect(buttons().filter((name) => /Send|End|Start the case|\+15|Take over|Take the controls/.test(name))).toEqual([]);
    expect(page.text()).not.toContain("K7M 2QX");
  });

  it("is taken over by an admin, after a question", async () => {
    await room("admin");
    await page.click(page.button("Take over"));
    expect(page.text()).toContain("Only if that hall is lost");
    expect(device.calls.map(([name]) => name)).not.toContain("takeOver");
    await page.click([...page.root.querySelectorAll<HTMLElement>("dialog button")].at(-1)!);
    expect(device.calls).toContainEqual(["takeOver", "session-1"]);
    expect(page.text()).not.toContain("runs in the hall");
    expect(page.root.querySelectorAll(".db-sign-heart_rate input").length).toBeGreaterThan(0);
  });

  it("is open until its hall says otherwise, and stands so in the list", async () => {
    go(pathTo("sessions"));
    const late = { hall, expires_at: at(-60) };
    device = new FakeDevice({ sessions: [aSession(late), aSession({ id: "session-2", expires_at: at(-60) })] });
    page = await show(device, <Pages />);
    const listed = [...page.root.querySelectorAll(".db-session")].map((one) => one.textContent ?? "");
    expect(listed).toHaveLength(1);
    expect(listed[0]?.replaceAll("\u00a0", " ")).toMatch(/In the hall North, last contact .*2 min ago/);
    expect(listed[0]).not.toContain("K7M");
  });
});

it("tells contacts and clocks in words", () => {
  expect(contactWords(null, NOON)).toBe("never");
  expect(contactWords(at(-7_265), NOON).replaceAll("\u00a0", " ")).toContain("2 h 1 min ago");
  expect(offsetWords(null)).toBe("–");
  expect([offsetWords(2000), offsetWords(-2000)]).toEqual(["right", "right"]);
  expect(offsetWords(-4000).replaceAll("\u00a0", " ")).toBe("4 s fast");
});
