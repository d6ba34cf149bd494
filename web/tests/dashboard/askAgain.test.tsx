// @vitest-environment happy-dom
import { useSignal } from "@preact/signals";
import { afterEach, expect, it } from "vitest";
import { pathTo } from "../../src/app/pages";
import { go, path } from "../../src/app/route";
import { AskAgain } from "../../src/dashboard/debrief/again/AskAgain";
import { aSession, FakeDevice, NOON } from "./fakeDevice";
import { show, type Page } from "./page";

let page: Page;

afterEach(() => page.unmount());

function Asked() {
  const isAsked = useSignal(true);
  const moments = [{ seq: 3, at: NOON, words: "Shock" }];
  return isAsked.value ? <AskAgain session={aSession()} moments={moments} first={3} onClose={() => (isAsked.value = false)} /> : null;
}

it("leads nobody away who closed the dialog before the new attempt was open", async () => {
  go(pathTo("sessions"));
  const device = new FakeDevice();
  let answer: (refusal: null) => void = () => {};
  device.forkSession = () => new Promise<null>((resolve) => (answer = resolve));
  page = await show(device, <Asked />);
  await page.click(page.root.querySelector<HTMLButtonElement>("dialog .db-button-main")!);
  await page.click(page.button("Cancel"));
  answer(null);
  await page.settle();
  expect(path.value).toBe(pathTo("sessions"));
  expect(page.text()).toContain("The new attempt is open.");
});
