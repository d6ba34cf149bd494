import { signal, type ReadonlySignal } from "@preact/signals";
import { BEEP_MILLISECONDS, HARMONICS, type Pulse } from "./sounds";

/** The loudspeaker. A browser keeps it locked until somebody has touched the page. */
export interface Speaker {
  /** True once sound can be heard. */
  readonly isOpen: ReadonlySignal<boolean>;
  /** To be called out of a tap or a key. */
  open(): Promise<void>;
  playBurst(pulses: readonly Pulse[]): void;
  /** Cut the burst that is playing. */
  stopBurst(): void;
  /** `delay` in milliseconds from now. */
  beep(hz: number, delay: number): void;
  close(): void;
}

const LOUDNESS = { burst: 0.35, beep: 0.22 };
const EDGE_SECONDS = 0.012;

export function createSpeaker(): Speaker {
  const isOpen = signal(false);
  let context: AudioContext | null = null;
  let wave: PeriodicWave | null = null;
  let burstGain: GainNode | null = null;

  const follow = () => {
    isOpen.value = context?.state === "running";
  };
  // A phone call or a locked screen suspends it ("interrupted" in Safari); it comes back where the browser lets it.
  const wake = () => {
    const isStill = context?.state === "suspended" || context?.state === "interrupted";
    if (document.visibilityState === "visible" && isStill) void context?.resume().catch(() => {});
  };
  document.addEventListener("visibilitychange", wake);

  const tone = (hz: number, start: number, seconds: number, loudness: number, into: AudioNode, isPure: boolean) => {
    if (context === null) return;
    const oscillator = context.createOscillator();
    const gain = context.createGain();
    if (!isPure && wave !== null) oscillator.setPeriodicWave(wave);
    oscillator.frequency.value = hz;
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(loudness, start + EDGE_SECONDS);
    gain.gain.setValueAtTime(loudness, start + seconds - EDGE_SECONDS);
    gain.gain.linearRampToValueAtTime(0, start + seconds);
    oscillator.connect(gain).connect(into);
    oscillator.onended = () => {
      oscillator.disconnect();
      gain.disconnect();
    };
    oscillator.start(start);
    oscillator.stop(start + seconds + EDGE_SECONDS);
  };

  return {
    isOpen,
    async open() {
      if (context === null) {
        hearDespiteMute();
        context = new AudioContext();
        wave = context.createPeriodicWave(new Float32Array(HARMONICS.length + 1), new Float32Array([0, ...HARMONICS]));
        context.onstatechange = follow;
      }
      await context.resume().catch(() => {});
      follow();
    },
    playBurst(pulses) {
      if (context?.state !== "running") return;
      this.stopBurst();
      burstGain = context.createGain();
      burstGain.connect(context.destination);
      const begin = context.currentTime + 0.02;
      for (const pulse of pulses)
        tone(pulse.hz, begin + pulse.start / 1000, pulse.length / 1000, LOUDNESS.burst, burstGain, false);
    },
    stopBurst() {
      burstGain?.disconnect();
      burstGain = null;
    },
    beep(hz, delay) {
      if (context?.state !== "running") return;
      const start = context.currentTime + Math.max(0, delay) / 1000;
      tone(hz, start, BEEP_MILLISECONDS / 1000, LOUDNESS.beep, context.destination, true);
    },
    close() {
      document.removeEventListener("visibilitychange", wake);
      void context?.close().catch(() => {});
      context = null;
      isOpen.value = false;
    },
  };
}

/** An iPad that is set to mute leaves out what a page plays, and does not say so, unless it is declared as the point of the page. */
function hearDespiteMute(): void {
  const { audioSession } = navigator as { audioSession?: { type: string } };
  if (audioSession !== undefined) audioSession.type = "playback";
}
