import { afterEach, describe, expect, it, vi } from "vitest";
import { keptIn } from "../../src/app/siteData";

/** As a browser does where site data is blocked: naming it throws. */
function block(): void {
  for (const name of ["localStorage", "sessionStorage"])
    Object.defineProperty(globalThis, name, {
      configurable: true,
      get() {
        throw new DOMException("The operation is insecure.", "SecurityError");
      },
    });
}

afterEach(() => {
  vi.resetModules();
  for (const name of ["localStorage", "sessionStorage"]) Reflect.deleteProperty(globalThis, name);
});

describe("where site data is blocked", () => {
  it("every module that remembers something can be loaded, and remembers it as long as the page", async () => {
    block();
    vi.resetModules();
    Object.defineProperty(globalThis, "document", { configurable: true, value: { documentElement: { dataset: {}, lang: "" } } });
    const [{ chooseTheme, theme }, { chooseLanguage, language }, settings, seats, words, keys, mapped, phases] = await Promise.all([
      import("../../src/theme/theme"),
      import("../../src/i18n"),
      import("../../src/monitor/settings"),
      import("../../src/join/seats"),
      import("../../src/join/words/kept"),
      import("../../src/dashboard/keys/onOff"),
      import("../../src/dashboard/recorded/mapping/remembered"),
      import("../../src/dashboard/debrief/phases/phases"),
    ]);
    chooseTheme("light");
    chooseLanguage("fr");
    expect([theme.value, language.value]).toEqual(["light", "fr"]);
    settings.change({ beep: false });
    expect(settings.readSettings().beep).toBe(false);
    keys.turnShortcuts(false);
    expect(keys.hasShortcuts.value).toBe(false);
    mapped.rememberMapping([], { isCuff: false, time: { kind: "rows", interval: 1 }, signs: {} } as never);
    phases.phasesOf("s1", "reactions").show("analysis");
    seats.forgetTitles();
    const seat = { session_id: "s1", code: "ABC234", public_title: "", trainee_name: null, name: "Jo", token: "t", expires_at: "", homework: null };
    seats.remember(seat);
    expect(seats.currentSeat()).toEqual(seat);
    expect(words.beginWords(seat, "A session")?.words).toBe("");
    expect(words.wordsKept()).toHaveLength(1);
    Reflect.deleteProperty(globalThis, "document");
  });

  it("says whether something is kept", () => {
    const stored = new Map<string, string>();
    let isFull = true;
    const storage = {
      get length() {
        return stored.size;
      },
      key: (place: number) => [...stored.keys()][place] ?? null,
      getItem: (key: string) => stored.get(key) ?? null,
      removeItem: (key: string) => void stored.delete(key),
      setItem(key: string, value: string) {
        if (isFull) throw new DOMException("no room", "QuotaExceededError");
        stored.set(key, value);
      },
    } as Storage;
    const kept = keptIn(() => storage);
    expect(kept.write("a", "1")).toBe(false);
    expect([kept.read("a"), kept.keys()]).toEqual(["1", ["a"]]);
    isFull = false;
    expect(kept.write("a", "2")).toBe(true);
    expect([kept.read("a"), kept.keys(), stored.get("a")]).toEqual(["2", ["a"], "2"]);
    kept.remove("a");
    expect([kept.read("a"), kept.keys()]).toEqual([null, []]);
  });
});
