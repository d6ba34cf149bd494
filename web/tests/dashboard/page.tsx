import { render, type ComponentChildren } from "preact";
import { act } from "preact/test-utils";
import { expect } from "vitest";
import { DeviceContext } from "../../src/dashboard/context";
import { LiveRegions } from "../../src/dashboard/shell/announce";
import { chooseLanguage } from "../../src/i18n";
import type { FakeDevice } from "./fakeDevice";
import { until } from "../until";

/** One mounted page, and a trainer's hands on it. */
export interface Page {
  root: HTMLElement;
  /** Wait until everything that is due has been drawn. */
  settle(): Promise<void>;
  button(name: string | RegExp): HTMLButtonElement;
  field(name: string | RegExp): HTMLInputElement;
  click(target: HTMLElement): Promise<void>;
  press(target: HTMLElement, key: string, more?: KeyboardEventInit): Promise<void>;
  type(target: HTMLInputElement, text: string): Promise<void>;
  text(): string;
  /** Wait for what comes in a chunk of its own. */
  appears(selector: string): Promise<void>;
  /** As after a reload. */
  reopen(what: ComponentChildren): Promise<void>;
  unmount(): void;
}

export async function show(device: FakeDevice, what: ComponentChildren): Promise<Page> {
  chooseLanguage("en");
  const root = document.createElement("div");
  document.body.append(root);
  const mount = (content: ComponentChildren) =>
    act(() =>
      render(
        <DeviceContext.Provider value={device}>
          {content}
          <LiveRegions />
        </DeviceContext.Provider>,
        root,
      ),
    );
  await mount(what);
  const draw = () => act(async () => new Promise((done) => setTimeout(done, 0)));
  // A page's own chunk is read from the disk of a busy machine.
  const settle = async () => {
    await draw();
    const isComing = () => root.querySelector("main[aria-busy=true]") !== null;
    if (!isComing()) return;
    await until(async () => {
      await draw();
      expect(isComing()).toBe(false);
    });
  };
  const named = <T extends HTMLElement>(selector: string, name: string | RegExp): T => {
    const all = [...root.querySelectorAll<T>(selector)];
    const found = all.find((one) => matches(nameOf(one), name));
    if (found === undefined) throw new Error(`No ${selector} named ${String(name)} among: ${all.map(nameOf).join(" | ")}`);
    return found;
  };
  await settle();
  return {
    root,
    settle,
    button: (name) => named<HTMLButtonElement>("button", name),
    field: (name) => named<HTMLInputElement>("input, select", name),
    async click(target) {
      await act(() => target.click());
      await settle();
    },
    async press(target, key, more = {}) {
      await act(() => {
        target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
        target.dispatchEvent(new KeyboardEvent("keyup", { key, bubbles: true, cancelable: true, ...more }));
      });
      await settle();
    },
    async type(target, text) {
      await act(() => {
        target.value = text;
        target.dispatchEvent(new Event("input", { bubbles: true }));
      });
      await settle();
    },
    async appears(selector) {
      await until(async () => {
        await settle();
        expect(root.querySelector(selector)).not.toBeNull();
        // A page's own chunk is read from the disk of a busy machine.
      });
    },
    text: () => (root.textContent ?? "").replace(/\u00a0/g, " "),
    async reopen(content) {
      await act(() => render(null, root));
      await mount(content);
      await settle();
    },
    unmount() {
      // Inside of `act`: effects are cleaned up after the next frame otherwise, which may come later than a test looks.
      void act(() => render(null, root));
      root.remove();
    },
  };
}

function nameOf(one: HTMLElement): string {
  const label = one.closest("label");
  const name = one.getAttribute("aria-label") ?? (label ?? one).textContent ?? "";
  return name.replace(/\u00a0/g, " ").trim();
}

function matches(name: string, wanted: string | RegExp): boolean {
  return typeof wanted === "string" ? name === wanted : wanted.test(name);
}
