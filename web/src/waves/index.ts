export { co2Top } from "./breath";
export { type DrawLoop, createLoop } from "./loop";
export { hasPulse } from "./scene";
export { type LaneLook, paperOf, Sweep, spanOf } from "./sweep";
export { type Beat, createWaves, firstSample, type WaveKind, type Waves, type WaveSource } from "./waves";
