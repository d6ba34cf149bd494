export { co2Top } from "./breath";
export { seedOf, wander } from "./noise";
export { type DrawLoop, createLoop } from "./loop";
export { type LaneLook, paperOf, Sweep, spanOf } from "./sweep";
export { type Beat, createWaves, firstSample, type WaveKind, type Waves, type WaveSource } from "./waves";
