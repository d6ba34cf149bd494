// @vitest-environment happy-dom
import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pathTo } from "../../src/app/pages";
import { go, path } from "../../src/app/route";
import { AskAgain } from "../../src/dashboard/debrief/again/AskAgain";
import { aSession, FakeDevice, NOON } from "./fakeDevice";
import { show, type Page } from "./page";

const HERE = pathTo("room", { session_id: "session-1" });
const isAsked = signal(true);
let page: Page;
let answer: () => Promise<void>;

function Asked() {
  const moments = [{ seq: 3, at: NOON, words: "Shock" }];
  return isAsked.value ? <AskAgain session={aSession()} moments={moments} first={3} onClose={() => (isAsked.value = false)} /> : null;
}

beforeEach(async () => {
  isAsked.value = true;
  go(HERE);
  const device = new FakeDevice();
  device.forkSession = () =>
    new Promise<null>((resolve) => {
      answer = () => (resolve(null), page.settle());
    });
  page = await show(device, <Asked />);
  await page.click(page.root.querySelector<HTMLButtonElement>("dialog .db-button-main")!);
});
afterEach(() => page.unmount());

describe("another attempt", () => {
  it("leads nobody away who closed the dialog before it was open", async () => {
    await page.click(page.button("Cancel"));
    await answer();
    expect(path.value).toBe(HERE);
    expect(page.text()).toContain("The new attempt is open.");
  });

  it("leads nobody away who has gone to another page meanwhile", async () => {
    go(pathTo("sessions"));
    await answer();
    expect(path.value).toBe(pathTo("sessions"));
  });

  it("leads there also where it has ended the session, and its page has gone with the dialog", async () => {
    isAsked.value = false;
    await page.settle();
    await answer();
    expect(path.value).toMatch(/^\/dashboard\/sessions\/[0-9a-f-]{36}$/);
  });
});
