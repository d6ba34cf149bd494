import { describe, expect, it } from "vitest";
import { isUnreadable } from "../../../src/dashboard/recorded/file/fault";
import { recordingIn, type ChosenFile } from "../../../src/dashboard/recorded/file/open";
import { FILE_BYTES_LIMIT, type Recording } from "../../../src/dashboard/recorded/file/recording";
import { momentReader } from "../../../src/dashboard/recorded/file/moments";
import { numberIn } from "../../../src/dashboard/recorded/file/numbers";
import { guess } from "../../../src/dashboard/recorded/mapping/guess";
import { lookAt } from "../../../src/dashboard/recorded/mapping/seen";
import { madeOf, wholeSection } from "../../../src/dashboard/recorded/course/made";
import { readCourse } from "../../../src/dashboard/recorded/course/series";
import { atOnce } from "../../../src/dashboard/recorded/slices";

/** Files as they come: each is read, or there is a sentence for it. */

const bytes = (text: string) => new TextEncoder().encode(text);
const file = (content: string | Uint8Array, name = "trend.csv"): ChosenFile => ({
  name,
  bytes: typeof content === "string" ? bytes(content) : content,
});

function opened(...files: ChosenFile[]): Recording {
  const found = atOnce(recordingIn(files));
  if (isUnreadable(found)) throw new Error(found.fault);
  return found;
}

function guessed(recording: Recording) {
  const seen = atOnce(lookAt(recording));
  if (isUnreadable(seen)) throw new Error(seen.fault);
  return guess(recording, seen);
}

/** Everything that the page does with a file before a person says more; what is wrong with it, if something is. */
function fate(...files: ChosenFile[]): string {
  const recording = atOnce(recordingIn(files));
  if (isUnreadable(recording)) return recording.fault;
  const seen = atOnce(lookAt(recording));
  if (isUnreadable(seen)) return seen.fault;
  const mapping = guess(recording, seen);
  const read = atOnce(readCourse(recording, mapping));
  if (isUnreadable(read)) return read.fault;
  const made = atOnce(madeOf(read, wholeSection(read), mapping.isCuff));
  return made === null ? "nothing" : "made";
}

function column(recording: Recording, name: string): unknown[] {
  const place = recording.columns.findIndex((one) => one.name === name);
  return [...recording.rows()].map((row) => numberIn(row[place] ?? null));
}

const HEAD = "Heure;FC (bpm);SpO2 (%);PNI S;PNI D;T° (°C)";
const LINES = ["08:00:00;82;97;120;70;37,2", "08:00:05;84;---;;;37,3", "08:00:10;-100;96;118;71;8388607"];

describe("a table", () => {
  it.each([
    ["semicolons and decimal commas", [HEAD, ...LINES].join("\r\n")],
    ["tabs", [HEAD, ...LINES].join("\n").replaceAll(";", "\t")],
    ["commas and quotes", [HEAD, ...LINES].map((line) => line.split(";").map((cell) => `"${cell}"`).join(",")).join("\n")],
    ["lines of old machines", [HEAD, ...LINES].join("\r")],
    ["a patient's number before the head", ["IPP;123456;;;;", HEAD, ...LINES].join("\n")],
    ["a patient's name before the head", ["Nom;DUPONT Jeanne", "Service;Réa", "", HEAD, ...LINES].join("\n")],
  ])("is read with %s", (_, text) => {
    const recording = opened(file(text));
    expect(recording.columns.map(({ name, unit }) => [name, unit])).toEqual([
      ["Heure", ""], ["FC", "bpm"], ["SpO2", "%"], ["PNI S", ""], ["PNI D", ""], ["T°", "°C"],
    ]); // prettier-ignore
    expect(column(recording, "FC")).toEqual([82, 84, null]);
    expect(column(recording, "SpO2")).toEqual([97, null, 96]);
    expect(column(recording, "T°")).toEqual([37.2, 37.3, null]);
  });

  it.each([
    ["UTF-8 with a mark", (text: string) => new Uint8Array([0xef, 0xbb, 0xbf, ...bytes(text)])],
    ["UTF-16, little end first", (text: string) => wide(text, true, true)],
    ["UTF-16, big end first", (text: string) => wide(text, false, true)],
    ["UTF-16 without a mark", (text: string) => wide(text, true, false)],
    ["Windows-1252", (text: string) => Uint8Array.from([...text].map((letter) => letter.charCodeAt(0)))],
  ])("is read in %s", (_, encoded) => {
    const recording = opened(file(encoded("Température;Fréq. card.\n37,5;80\n37,6;81\n")));
    expect(recording.columns.map(({ name }) => name)).toEqual(["Température", "Fréq. card."]);
    expect(column(recording, "Température")).toEqual([37.5, 37.6]);
  });

  it("has its units in a line of their own, or none", () => {
    const recording = opened(file("'Elapsed time','HR','SpO2'\n'hh:mm:ss.mmm','bpm','%'\n0:00.000,80,97\n0:01.000,81,97\n"));
    expect(recording.columns).toEqual([{ name: "Elapsed time", unit: "hh:mm:ss.mmm" }, { name: "HR", unit: "bpm" }, { name: "SpO2", unit: "%" }]);
    expect(guessed(recording).time).toEqual({ column: 0, kind: "minutes_seconds", interval: 1 });
    expect(opened(file("0;80\n5;81\n10;82\n")).columns).toEqual([{ name: "", unit: "" }, { name: "", unit: "" }]);
  });

  function wide(text: string, isLittle: boolean, hasMark: boolean): Uint8Array {
    const letters = hasMark ? `\ufeff${text}` : text;
    const view = new DataView(new ArrayBuffer(letters.length * 2));
    for (let at = 0; at < letters.length; at += 1) view.setUint16(at * 2, letters.charCodeAt(at), isLittle);
    return new Uint8Array(view.buffer);
  }
});

describe("the columns", () => {
  const mapped = (head: string, line: string) => {
    const recording = opened(file([head, line, line, line].join("\n")));
    const { signs, isCuff } = guessed(recording);
    const named = Object.entries(signs).map(([sign, { column: place, unit }]) => [sign, `${recording.columns[place]!.name} ${unit}`]);
    return { ...Object.fromEntries(named), isCuff };
  };

  it("of VitalDB are known, and the artery goes before the cuff", () => {
    const head = "Time,Solar8000/HR,Solar8000/NIBP_SBP,Solar8000/NIBP_DBP,Solar8000/NIBP_MBP,Solar8000/ART_SBP,Solar8000/ART_DBP,Solar8000/ART_MBP,Solar8000/PLETH_SPO2,Solar8000/PLETH_HR,Solar8000/RR_CO2,Solar8000/ETCO2,Solar8000/BT,Solar8000/FIO2";
    expect(mapped(head, "1700000000,80,120,70,87,118,69,85,99,80,14,35,36.5,50")).toEqual({
      heart_rate: "Solar8000/HR own", systolic: "Solar8000/ART_SBP own", diastolic: "Solar8000/ART_DBP own", spo2: "Solar8000/PLETH_SPO2 own",
      respiratory_rate: "Solar8000/RR_CO2 own", etco2: "Solar8000/ETCO2 own", temperature: "Solar8000/BT own", isCuff: false,
    }); // prettier-ignore
  });

  it("of MIMIC's numerics are known", () => {
    expect(mapped("HR,PULSE,ABPSys,ABPDias,ABPMean,RESP,SpO2", "80,80,120,70,87,14,99")).toEqual({
      heart_rate: "HR own", systolic: "ABPSys own", diastolic: "ABPDias own", respiratory_rate: "RESP own", spo2: "SpO2 own", isCuff: false,
    }); // prettier-ignore
  });

  it("are known in French, in other units, and beside alarm limits", () => {
    expect(mapped("Fréquence cardiaque;Limite FC;PAS;PAD;PAM;SaO2;FR;EtCO2 (kPa);Température (°F)", "80;120;16;9,3;11;0,97;14;4,7;98,6")).toEqual({
      heart_rate: "Fréquence cardiaque own", systolic: "PAS kPa", diastolic: "PAD kPa", spo2: "SaO2 fraction", respiratory_rate: "FR own",
      etco2: "EtCO2 kPa", temperature: "Température °F", isCuff: false,
    }); // prettier-ignore
    expect(mapped("HR;NIBP-S;NIBP-D", "80;120;70")).toEqual({ heart_rate: "HR own", systolic: "NIBP-S own", diastolic: "NIBP-D own", isCuff: true });
  });
});

describe("the time", () => {
  const read = (kind: Parameters<typeof momentReader>[0], cells: (string | number)[]) => {
    const moment = momentReader(kind, 2);
    const [first, ...rest] = cells.map((cell, row) => moment(cell, row)!);
    return rest.map((at) => at - first!);
  };

  it.each([
    ["seconds", ["10", "12,5"], [2.5]],
    ["milliseconds", [1700000000000, 1700000005000], [5]],
    ["minutes", ["1", "1.5"], [30]],
    ["days", [45000.5, 45000.75], [21600]],
    ["rows", ["x", "x", "x"], [2, 4]],
    ["clock", ["23:59:50", "0:00:10"], [20]],
    ["clock", ["0:00:10", "23:59:50"], [-20]],
    ["clock", ["2026-03-01T23:59:50.500Z", "2026-03-02T00:00:00.500Z"], [10]],
    ["clock", ["31/01/2026 23:59", "01/02/2026 00:01"], [120]],
    ["clock", ["11:59:00 AM", "12:01:00 PM"], [120]],
    ["clock", ["8h15", "8h16"], [60]],
    ["clock", ["[10:00:00.000 01/01/2100]", "[10:00:01.000 01/01/2100]"], [1]],
    ["minutes_seconds", ["59:58.5", "1:00:01.5"], [3]],
  ] as const)("is read as %s from %j", (kind, cells, expected) => {
    const found = read(kind, [...cells]);
    expect(found).toHaveLength(expected.length);
    for (const [place, value] of expected.entries()) expect(found[place]).toBeCloseTo(value, 5);
  });

  it("may run backwards: the newest row first", () => {
    const recording = opened(file("Time;HR\n08:02:00;80\n08:01:00;81\n08:00:00;82\n"));
    const course = atOnce(readCourse(recording, guessed(recording)));
    if (isUnreadable(course)) throw new Error(course.fault);
    expect([...course.series.heart_rate!.at]).toEqual([0, 60, 120]);
    expect([...course.series.heart_rate!.values]).toEqual([82, 81, 80]);
  });
});

describe("WFDB numerics", () => {
  const HEADER = "# Jane Doe, 62 years\n3900006n 3 0.0167/62.5 4 11:30:00 12/03/2145\n3900006n.dat 16 10(0)/bpm 16 0 800 0 0 HR\n3900006n.dat 16 1/mmHg 16 0 0 0 0 NBP Sys\n3900006n.dat 16+0 2(-10)/% 16 0 0 0 0 SpO2\n# <diagnosis>: secret\n";
  const values = (rows: number[][]) => new Uint8Array(Int16Array.from(rows.flat()).buffer);
  const DATA = values([[800, 120, 184], [810, -32768, 186], [-32768, 118, 188], [820, 117, 190]]);

  it("are read by their header: interleaved, with gain and baseline, and nothing of the patient", () => {
    const recording = opened(file(HEADER, "3900006n.HEA"), file(DATA, "3900006N.dat"));
    expect(recording.columns).toEqual([{ name: "HR", unit: "bpm" }, { name: "NBP Sys", unit: "mmHg" }, { name: "SpO2", unit: "%" }]);
    expect(recording.interval).toBe(60);
    expect([...recording.rows()]).toEqual([[80, 120, 97], [81, null, 98], [null, 118, 99], [82, 117, 100]]);
    expect(guessed(recording).isCuff).toBe(true);
  });

  it.each([
    ["header_without_values", [file(HEADER, "a.hea")]],
    ["values_without_header", [file(DATA, "a.dat")]],
    ["other_format", [file(HEADER.replaceAll(" 16", " 212"), "a.hea"), file(DATA, "3900006n.dat")]],
    ["other_format", [file("a/3 2 125 0\n", "a.hea")]],
    ["broken_header", [file("nonsense", "a.hea")]],
    ["broken_header", [file("a 9 1 10\na.dat 16 1/bpm 16 0 0 0 0 HR\n", "a.hea"), file(DATA, "a.dat")]],
    ["two_files", [file(HEADER, "a.hea"), file(HEADER, "b.hea")]],
  ] as const)("that cannot be read have the sentence %s", (fault, files) => {
    expect(fate(...files)).toBe(fault);
  });
});

describe("a hostile file", () => {
  const MOST = FILE_BYTES_LIMIT;
  it.each([
    ["too_large", () => new Uint8Array(MOST + 1)],
    ["empty", () => new Uint8Array(0)],
    ["no_text", () => new Uint8Array(MOST)],
    ["no_text", () => bytes("Time;HR\n1;80\n2;\u00008\n")],
    ["long_line", () => bytes("8".repeat(MOST))],
    ["long_line", () => bytes("8;".repeat(MOST / 2))],
    ["many_columns", () => bytes(`${Array.from({ length: 10_000 }, (_, n) => `c${n}`).join(";")}\n${"1;".repeat(10_000)}\n`)],
    ["open_quote", () => bytes('Time;HR\n0;80\n5;"81\n10;82\n')],
    ["open_quote", () => bytes(`Time;HR\n0;80\n5;81\n10;"82\n${"15;83\n".repeat(800_000)}`)],
    ["no_table", () => bytes('"'.repeat(4))],
    ["no_table", () => bytes("A letter.\nIt has no numbers.\n")],
    ["no_table", () => bytes("\n".repeat(MOST))],
    ["no_table", () => bytes("<html><body>;</body></html>\n")],
  ] as const)("has the sentence %s", (fault, content) => {
    // Those of the greatest size too: what looked back from each character would take longer than any test may.
    expect(fate(file(content()))).toBe(fault);
  });

  it("of nonsense numbers makes no case, or one that may be", () => {
    const nonsense = ["1e309", "-0", "9".repeat(300), "NaN", "Infinity", "0x50", "1e99", "--5", "5-5", "١٢", "80"];
    const rows = nonsense.flatMap((at) => nonsense.map((value) => `${at};${value}`));
    expect(["nothing", "no_table", "made"]).toContain(fate(file(["Time;HR", ...rows].join("\n"))));
    expect(fate(file("Time;HR\n0;99999\n5;-5\n10;1e30\n"))).toBe("nothing");
  });

  it("of random bytes and random cells never hangs and never throws", () => {
    let seed = 7;
    const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const parts = ['"', ";", ",", "\t", "\n", "\r\n", "'", "80", "97,5", "-1", "08:00", "Time", "HR", "SpO2 (%)", "\u0000", "é", "---", "1e9", "|"];
    for (let round = 0; round < 300; round += 1) {
      const text = Array.from({ length: random(400) }, () => parts[random(round % 2 === 0 ? parts.length : 14)]).join("");
      expect(typeof fate(file(text))).toBe("string");
      const raw = Uint8Array.from({ length: random(600) }, () => random(256));
      expect(typeof fate(file(raw, round % 3 === 0 ? "x.hea" : "x.csv"))).toBe("string");
    }
  });

  it("says where it is broken", () => {
    const found = atOnce(recordingIn([file(`Time;HR\n${"0;80\n".repeat(3)}5;"81\n`)]));
    const seen = isUnreadable(found) ? found : atOnce(lookAt(found));
    expect(seen).toEqual({ fault: "open_quote", line: 5 });
  });
});
