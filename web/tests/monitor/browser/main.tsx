import { run } from "./clock";
import { render } from "preact";
import { createSpeaker } from "../../../src/monitor/audio";
import { MonitorScreen } from "../../../src/monitor/MonitorScreen";
import { createMonitorSound } from "../../../src/monitor/monitorSound";
import "../../../src/theme/theme.css";
import { ADULT_LIMITS, CONDITIONS, RHYTHMS, SENSORS_OFF } from "../../../src/patient/signs";
import type { LastValues } from "../../../src/wire/types";
import { patient } from "../patient";

/** The monitor's screen without a network, at the pace of a clock of its own, for the tests in a browser. */
const root = document.getElementById("app") as HTMLElement;
const serverNow = () => Date.now();
const sound = createMonitorSound(createSpeaker());

const FLAGS: readonly LastValues["flags"][] = [
  {},
  { pulseless: true },
  { cpr: true },
  Object.fromEntries(SENSORS_OFF.map((name) => [name, true])),
  Object.fromEntries(CONDITIONS.map((name) => [name, true])),
];

/** So many different patients: every rhythm, well and ill, moving and still, with and without each sensor. */
const PATIENTS = RHYTHMS.length;

function patientOf(number: number): LastValues {
  const started_at = new Date(Date.now()).toISOString();
  const moving = { heart_rate: { from: 60, started_at, seconds: 5 }, spo2: { from: 99, started_at, seconds: 5 } };
  return patient({
    rhythm: RHYTHMS[number % RHYTHMS.length] ?? "sinus",
    heart_rate: [75, 130, 180, 40][number % 4] ?? 75,
    spo2: [98, 85, 70][number % 3] ?? 98,
    respiratory_rate: [16, 35, 0][number % 3] ?? 16,
    etco2: [38, 70][number % 2] ?? 38,
    flags: FLAGS[number % FLAGS.length] ?? {},
    ramps: number % 2 === 0 ? moving : {},
  });
}

function show(number: number, last_values = patientOf(number), at = Date.now()): void {
  const state = { session_id: "one", last_values, at, limits: ADULT_LIMITS, title: "Memory" };
  const expires_at = new Date(Date.now() + 3_000_000).toISOString();
  render(
    <MonitorScreen
      state={{ ...state, expires_at }}
      serverNow={serverNow}
      theme={number % 5 === 0 ? "light" : "dark"}
      stale={number % 7 === 0}
      sound={sound}
      onAction={() => true}
    />,
    root,
  );
}

/** A slider that is dragged: so many pushes, a millisecond apart, all in one frame. */
function drag(count: number): void {
  for (let number = 1; number <= count; number++)
    show(1, patient({ heart_rate: 60 + (number % 100) }), Date.now() - count + number);
}

/** Long enough for a crisis to become an alarm, and for a lane to be drawn over; and short. */
const LONG = 6_500;
const SHORT = 400;

/** Every kind of patient, and every key is pressed. The last one has alarms. */
async function playAll(): Promise<void> {
  for (let number = 0; number < PATIENTS; number++) {
    show(number);
    await run(number % 8 === 1 ? LONG : SHORT);
    pressAll();
  }
}

/** Starts and stops the cuff, silences, marks. */
function pressAll(): void {
  for (const key of root.querySelectorAll<HTMLButtonElement>(".mon-bar .mon-key, .mon-more")) key.click();
}

/** Gives how many timers and frames a closed screen still asks for. */
async function leave(): Promise<number> {
  render(null, root);
  await run(SHORT);
  return run(LONG);
}

Object.assign(window, { bedside: { drag, playAll, leave } });
