/** Both clocks tell whole milliseconds. */
const GRAIN_MS = 2;

/**
 * The server's clock as this device knows it. Ramps and waves follow it, so that two screens side by
 * side show the same. Of several readings the one with the shortest round trip is believed.
 */
export class ServerClock {
  #offset = 0;
  #bestRoundTrip = Number.POSITIVE_INFINITY;

  /** Milliseconds since the epoch, by the server. Never a frame count: a hidden tab catches up by itself. */
  now(): number {
    return Date.now() + this.#offset;
  }

  /** `serverTime` was read between `sent` and `received`, both by this device's Date.now(). */
  heard(serverTime: string, sent: number, received: number = Date.now()): void {
    const roundTrip = received - sent;
    // Set back while the answer was on its way: that says nothing.
    if (roundTrip < 0) return;
    const offset = Date.parse(serverTime) - (sent + received) / 2;
    // Each is right to half of its round trip; where both cannot be, one of the clocks was set in between.
    const canBothBe = Math.abs(offset - this.#offset) <= (roundTrip + this.#bestRoundTrip) / 2 + GRAIN_MS;
    if (roundTrip > this.#bestRoundTrip && canBothBe) return;
    this.#bestRoundTrip = roundTrip;
    this.#offset = offset;
  }

  /** After a reconnect or a wake-up old readings count no more: the device's own clock may have stepped. */
  forget(): void {
    this.#bestRoundTrip = Number.POSITIVE_INFINITY;
  }
}
