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
    if (roundTrip > this.#bestRoundTrip) return;
    this.#bestRoundTrip = roundTrip;
    this.#offset = Date.parse(serverTime) - (sent + received) / 2;
  }

  /** After a reconnect or a wake-up old readings count no more: the device's own clock may have stepped. */
  forget(): void {
    this.#bestRoundTrip = Number.POSITIVE_INFINITY;
  }
}
