// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";
import { counting, lasting, localeOf } from "../../src/dashboard/fmt";
import { RHYTHM_GROUPS } from "../../src/dashboard/room/rhythm/Rhythms";
import { FLAG_GROUPS } from "../../src/dashboard/room/signs/Flags";
import { triggerWords } from "../../src/dashboard/room/case/transitionWords";
import { find, finds, isOver } from "../../src/dashboard/sessions/finding";
import { sessionEditWords } from "../../src/dashboard/sessions/sessionWords";
import { entryWords, eventWords, inOwnUnit, number, patchWords, reason } from "../../src/dashboard/words";
import { chooseLanguage } from "../../src/i18n";
import { en } from "../../src/i18n/en";
import { fr } from "../../src/i18n/fr";
import { change } from "../../src/monitor/settings";
import { RHYTHMS } from "../../src/patient/signs";
import { anEntry, anEvent, aSession, aSessionEdit, NOON } from "./fakeDevice";

const plain = (text: string) => text.replace(/\u00a0/g, " ");

beforeEach(() => {
  chooseLanguage("en");
  change({ units: { pressure: "mmHg", temperature: "°C" } });
});

describe("words for a change", () => {
  it("are short, with both pressures as a team says them", () => {
    const patch = { vitals: { heart_rate: 140, systolic: 85, diastolic: 50 }, flags: { cpr: true, pulseless: null }, ramp_seconds: 90 };
    expect(plain(patchWords(patch))).toBe("HR 140, BP 85/50, + CPR, Pulse is back, over 1 min 30 s");
    chooseLanguage("fr");
    expect(plain(patchWords(patch))).toBe("FC 140, PA 85/50, + RCP, Pouls présent, en 1 min 30 s");
  });

  it("say of a lack that ends what is there again, and of everything else that it goes", () => {
    const flags = { ecg_off: null, nibp_off: null, haemorrhage: null };
    expect(plain(patchWords({ flags }))).toBe("ECG back on, Cuff back on, − Haemorrhage");
    chooseLanguage("fr");
    expect(plain(patchWords({ flags }))).toBe("ECG rebranché, Brassard remis, − Hémorragie");
  });

  it("say of what the score asks for what it is now, and whether it was recorded at all", () => {
    const said = (flags: Record<string, string | boolean | null>) => plain(patchWords({ flags }));
    expect(said({ consciousness: "v", oxygen: false, spo2_scale_2: true })).toBe(
      "Consciousness: Responds to voice, Oxygen: On room air, + SpO₂ scale 2 (target 88–92 %)",
    );
    expect(said({ consciousness: null, oxygen: "15 L mask" })).toBe("Consciousness: Not recorded, Oxygen: On oxygen (15 L mask)");
    chooseLanguage("fr");
    expect(said({ consciousness: "U", oxygen: true })).toBe("Conscience : Aucune réaction, Oxygène : Sous oxygène");
    const words = triggerWords({ when: [{ flag: "consciousness", is: "P" }, { flag: "oxygen", is: false }] });
    expect(plain(words)).toBe("Conscience : Réagit à la douleur et Oxygène : Aucun, ou non noté");
  });

  it("name a lone pressure, a rhythm and a flag that only another program knows", () => {
    expect(plain(patchWords({ vitals: { diastolic: 40 }, rhythm: "asystole", flags: { team: "blue" } }))).toBe(
      "DIA 40, Asystole, + team (blue)",
    );
  });

  it("use the language's decimal mark and the reader's units", () => {
    expect(number("temperature", 37)).toBe("37.0");
    chooseLanguage("fr");
    expect(number("temperature", 36.5)).toBe("36,5");
    expect(inOwnUnit("etco2", 38)).toBeNull();
    change({ units: { pressure: "kPa", temperature: "°F" } });
    expect(plain(inOwnUnit("etco2", 38) ?? "")).toBe("5,1 kPa");
    expect(plain(inOwnUnit("temperature", 37) ?? "")).toBe("98,6 °F");
    expect(inOwnUnit("heart_rate", 75)).toBeNull();
  });

  it("say what every kind of entry and event is", () => {
    expect(entryWords(anEntry({ kind: "note:add", body: { text: "Asks for help" } }))).toBe("Note: Asks for help");
    expect(entryWords(anEntry({ kind: "session:close", body: {} }))).toBe("End the session");
    expect(entryWords(anEntry({ kind: "session:open", body: { title: "Asthma" } }))).toBe("New session: Asthma");
    expect(sessionEditWords(aSessionEdit({ content: { expires_at: new Date(NOON).toISOString() } }), NOON)).toMatch(/^End at \d/);
    expect(eventWords(anEvent({ id: "a", kind: "action", text: "nibp_start" }))).toBe("started a blood pressure measurement");
    expect(eventWords(anEvent({ id: "a", kind: "action", text: "oxygen" }))).toBe("Oxygen given");
    expect(eventWords(anEvent({ id: "a", kind: "action", text: "chest_drain" }))).toBe("did: chest_drain");
    expect(eventWords(anEvent({ id: "a", kind: "lifecycle", details: { reason: "expired" } }))).toBe("Time ran out");
  });

  it("give a reason in the reader's language, with the fields, and the server's own where we have none", () => {
    expect(reason({ code: "session_closed", detail: "…" })).toBe("The session was ended before this arrived.");
    const tooHigh = { code: "invalid_fields" as const, detail: "", errors: [{ field: "vitals.systolic", message: "is above 300" }] };
    expect(reason(tooHigh)).toContain("Systolic: is above 300");
    chooseLanguage("fr");
    expect(reason(tooHigh)).toMatch(/\(Systolique\)$/);
    chooseLanguage("en");
    expect(reason({ code: "strange_answer", detail: "I am a teapot." })).toContain("I am a teapot.");
  });
});

describe("times", () => {
  it("count and last", () => {
    expect([counting(0), counting(65), counting(3723), counting(-5)]).toEqual(["0:00", "1:05", "1:02:03", "0:00"]);
    expect([10, 60, 90, 3600, 11_520].map((seconds) => plain(lasting(seconds)))).toEqual(["10 s", "1 min", "1 min 30 s", "1 h", "3 h 12 min"]);
  });

  it("follow the device's region where it speaks the chosen language", () => {
    expect(localeOf("en", ["fr-CA", "en-US"])).toBe("en-US");
    expect(localeOf("en", ["fr-FR"])).toBe("en-GB");
    expect(localeOf("fr", ["en-US"])).toBe("fr");
  });
});

describe("the search", () => {
  const session = aSession({ title: "Hémorragie grave", trainee_name: "Équipe Bleue", code: "K7M2QX" });
  it("takes words in any order, without accents and case", () => {
    for (const text of ["", "  ", "hemorragie", "BLEUE hémo", "équipe", "grave bleue"]) expect(finds(session, text), text).toBe(true);
    for (const text of ["asthme", "hemorragie rouge"]) expect(finds(session, text), text).toBe(false);
  });

  it("takes the apostrophe of a keyboard for the one of a book", () => {
    const urinary = aSession({ title: "Choc septique d’origine urinaire" });
    for (const text of ["d'origine", "d’origine"]) expect(finds(urinary, text), text).toBe(true);
  });

  it("takes a code as it is read out", () => {
    for (const text of ["k7m2qx", "K7M 2QX", "k7m-2qx", "k7m"]) expect(finds(session, text), text).toBe(true);
    expect(finds(aSession({ code: null, title: "A" }), "k7m")).toBe(false);
  });

  it("divides open and ended, also by the clock", () => {
    const open = aSession({ id: "open" });
    const closed = aSession({ id: "closed", closed_at: new Date(NOON).toISOString() });
    const late = aSession({ id: "late", expires_at: new Date(NOON - 1).toISOString() });
    expect(isOver(late, NOON)).toBe(true);
    const ids = (shown: "open" | "ended" | "all") => find([open, closed, late], shown, "", NOON).map((one) => one.id);
    expect(ids("open")).toEqual(["open"]);
    expect(ids("ended")).toEqual(["closed", "late"]);
    expect(ids("all")).toEqual(["open", "closed", "late"]);
  });
});

describe("the texts", () => {
  const leaves = (node: object, path = ""): [string, string][] =>
    Object.entries(node).flatMap(([key, value]) =>
      typeof value === "string" ? [[`${path}${key}`, value] as [string, string]] : leaves(value as object, `${path}${key}.`),
    );
  const english = leaves(en.dashboard);
  const french = new Map(leaves(fr.dashboard));

  it("are all there in both languages, with the same places to fill", () => {
    expect([...french.keys()].sort()).toEqual(english.map(([key]) => key).sort());
    for (const [key, text] of english) {
      expect(text.trim(), key).not.toBe("");
      expect(places(french.get(key) ?? ""), key).toEqual(places(text));
    }
  });

  it("are translated, but for words that both languages share", () => {
    const same = english.filter(([key, text]) => french.get(key) === text).map(([key]) => key);
    const shared = /^(nav\.main|signs\.ramping|flags\.circulation|list\.code|cuff\.stat|room\.(code|parts\.notes)|steps\.pause|notes\.(text|markers\.intubation)|signs\.short\.(spo2|etco2)|timeline\.(minutes|note)|outbox\.(actions|kinds\.note))/;
    expect(same.filter((key) => !shared.test(key) && !/\{count\} (session|note)s?$/.test(french.get(key) ?? ""))).toEqual([]);
  });

  it("name every rhythm and every flag that a trainer can set, each once", () => {
    expect(Object.values(RHYTHM_GROUPS).flat().sort()).toEqual([...RHYTHMS].sort());
    // The compressions have a control of their own, beside the presets.
    expect([...Object.values(FLAG_GROUPS).flat(), "cpr"].sort()).toEqual(Object.keys(en.common.flags).sort());
  });

  function places(text: string): string[] {
    return [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();
  }
});
