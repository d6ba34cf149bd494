// @vitest-environment happy-dom
import { useEffect } from "preact/hooks";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MoreMenu } from "../../src/dashboard/shell/MoreMenu";
import { followPopovers, isAnyPopoverOpen, isPopoverOpen } from "../../src/dashboard/shell/popovers";
import { FakeDevice } from "./fakeDevice";
import { show, type Page } from "./page";

/** As Safari 16 has it; in a browser that knows popovers they are the browser's own. */
delete (HTMLElement.prototype as { popover?: unknown }).popover;

let page: Page;
let chosen: string[];

function Menus() {
  useEffect(followPopovers, []);
  return (
    <>
      {["One", "Two"].map((name) => (
        <MoreMenu key={name} label={name}>
          <button type="button" onClick={() => chosen.push(name)}>
            Choose {name}
          </button>
        </MoreMenu>
      ))}
      <p>Beside</p>
    </>
  );
}

const menu = (name: string) => page.root.querySelector<HTMLElement>(`[role=group][aria-label=${name}]`)!;
const isOpen = (name: string) => isPopoverOpen(menu(name));
const touch = (target: Element) => target.dispatchEvent(new Event("pointerdown", { bubbles: true }));
/** As a finger does it. */
async function tap(target: HTMLElement): Promise<void> {
  touch(target);
  await page.click(target);
}

beforeEach(async () => {
  chosen = [];
  page = await show(new FakeDevice(), <Menus />);
});

afterEach(() => page.unmount());

describe("a menu where the browser has no popovers", () => {
  it("opens by its button, and shuts by it", async () => {
    expect([isOpen("One"), isAnyPopoverOpen()]).toEqual([false, false]);
    await tap(page.button("One"));
    expect([isOpen("One"), isOpen("Two"), isAnyPopoverOpen()]).toEqual([true, false, true]);
    await tap(page.button("One"));
    expect(isOpen("One")).toBe(false);
  });

  it("shuts at a touch beside it, and when another opens", async () => {
    await tap(page.button("One"));
    touch(menu("One"));
    expect(isOpen("One")).toBe(true);
    touch(page.root.querySelector("p")!);
    expect(isOpen("One")).toBe(false);
    await tap(page.button("One"));
    await tap(page.button("Two"));
    expect([isOpen("One"), isOpen("Two")]).toEqual([false, true]);
  });

  it("shuts on Escape, and gives the focus back to its button", async () => {
    await tap(page.button("One"));
    const choice = page.button("Choose One");
    choice.focus();
    await page.press(choice, "Escape");
    expect(isOpen("One")).toBe(false);
    expect(document.activeElement).toBe(page.button("One"));
  });

  it("shuts on a choice", async () => {
    await tap(page.button("One"));
    await tap(page.button("Choose One"));
    expect([chosen, isOpen("One")]).toEqual([["One"], false]);
  });
});
