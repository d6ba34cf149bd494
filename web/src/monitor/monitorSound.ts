import type { Speaker } from "./audio";
import type { MonitorSound } from "./MonitorScreen";
import { settings } from "./settings";
import { beepPitch, burst, isDue, type Sounded } from "./sounds";

/** The monitor's voice, as far as the person wants to hear it. */
export function createMonitorSound(speaker: Speaker): MonitorSound {
  let last: Sounded | null = null;
  return {
    alarm(alarm) {
      if (alarm === null || !settings.peek().sound) {
        if (last !== null) speaker.stopBurst();
        last = null;
        return;
      }
      if (!speaker.isOpen.peek()) return;
      const now = performance.now();
      if (!isDue(last, alarm, now)) return;
      last = { id: alarm.id, priority: alarm.priority, at: now };
      speaker.playBurst(burst(alarm.priority, alarm.family));
    },
    beat(spo2, delay) {
      const { sound, beep } = settings.peek();
      if (sound && beep) speaker.beep(beepPitch(spo2), delay);
    },
  };
}
