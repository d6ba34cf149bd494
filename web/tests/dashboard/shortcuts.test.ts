// @vitest-environment happy-dom
import { h, render } from "preact";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Shortcuts } from "../../src/dashboard/keys/Shortcuts";
import { isTyping, letterOf, SHORTCUTS, shortcutOf, type KeyPress } from "../../src/dashboard/keys/shortcuts";

const press = (part: Partial<KeyPress>): KeyPress => ({
  key: "",
  code: "",
  altKey: true,
  shiftKey: true,
  ctrlKey: false,
  metaKey: false,
  ...part,
});

describe("the keys of a shortcut", () => {
  it("are Alt, Shift and a letter, and no others", () => {
    expect(letterOf(press({ key: "E", code: "KeyE" }))).toBe("E");
    for (const other of [{ altKey: false }, { shiftKey: false }, { ctrlKey: true }, { metaKey: true }])
      expect(letterOf(press({ key: "E", code: "KeyE", ...other }))).toBeNull();
    expect(letterOf(press({ key: "Tab", code: "Tab" }))).toBeNull();
  });

  it("go by what is printed on the key, on a French keyboard as on an English one", () => {
    // Where an English keyboard has Q, a French one has A.
    expect(letterOf(press({ key: "A", code: "KeyQ" }))).toBe("A");
    // French digits are typed with Shift; without it the same keys are & é " '.
    expect(letterOf(press({ key: "1", code: "Digit1" }))).toBe("1");
    expect(letterOf(press({ key: "&", code: "Digit1" }))).toBe("1");
    expect(letterOf(press({ key: "!", code: "Digit1" }))).toBe("1");
  });

  it("are found where a Mac makes another sign of them", () => {
    expect(letterOf(press({ key: "Ê", code: "KeyE" }))).toBe("E");
    expect(letterOf(press({ key: "Dead", code: "KeyU" }))).toBe("U");
  });

  it("lie where they are printed on both keyboards, and none is used twice", () => {
    const letters = Object.values(SHORTCUTS).flatMap(({ key }) => (key.length === 1 ? [key] : []));
    expect(new Set(letters).size).toBe(letters.length);
    // A, Q, W, Z and M have other places on a French keyboard; the others are taken by browsers and Chromebooks.
    for (const letter of letters) expect("AQWZMBILNST").not.toContain(letter);
  });

  it("lead to a control, or to one of nine", () => {
    expect(shortcutOf(press({ key: "U", code: "KeyU" }))).toEqual({ selector: "[data-shortcut=undo]", how: "press" });
    expect(shortcutOf(press({ key: "O", code: "KeyO" }))).toEqual({ selector: "[data-shortcut=note]", how: "go" });
    expect(shortcutOf(press({ key: "3", code: "Digit3" }))?.selector).toBe('[data-shortcut-number="3"]');
    expect(shortcutOf(press({ key: "0", code: "Digit0" }))).toBeNull();
    expect(shortcutOf(press({ key: "X", code: "KeyX" }))).toBeNull();
  });
});

describe("whoever types", () => {
  afterEach(() => document.body.replaceChildren());

  const of = (html: string) => {
    document.body.innerHTML = html;
    return isTyping(document.body.firstElementChild);
  };

  it("is in a field of text, a choice, or a number that is half written", () => {
    for (const html of ["<input type=text>", "<input type=search>", "<textarea></textarea>", "<select></select>", "<input data-typed=yes>"])
      expect(of(html), html).toBe(true);
  });

  it("is not on a button, a radio, or a number that stands", () => {
    for (const html of ["<button>Go</button>", "<input type=radio>", "<input type=checkbox>", "<input type=range>", "<input data-typed=no>", "<p>text</p>"])
      expect(of(html), html).toBe(false);
    expect(isTyping(null)).toBe(false);
  });
});

describe("the keys of a page", () => {
  it("are heard from its first picture on, and not after it", () => {
    const pressed = vi.fn();
    const root = document.body.appendChild(document.createElement("div"));
    const projector = h("button", { "data-shortcut": "projector", onClick: pressed });
    const keys = { key: "P", code: "KeyP", altKey: true, shiftKey: true, bubbles: true };
    render(h("main", null, projector, h(Shortcuts, null)), root);
    // No frame has passed, and no timer.
    document.body.dispatchEvent(new KeyboardEvent("keydown", keys));
    expect(pressed).toHaveBeenCalledTimes(1);
    render(projector, root);
    document.body.dispatchEvent(new KeyboardEvent("keydown", keys));
    expect(pressed).toHaveBeenCalledTimes(1);
    root.remove();
  });
});
