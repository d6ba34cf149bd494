import { pathTo } from "../../app/pages";
import type { Addresses } from "../../wire/types";

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Only this machine can open it: no use to a trainee's tablet. */
export function isOfThisMachine(url: string): boolean {
  return LOOPBACK.test(new URL(url).hostname);
}

/**
 * What the QR code says and the trainee opens: the address that the server was told to say; else the one by
 * which the trainer came, unless nobody else can use that and the server knows a better one.
 */
export function joinUrl(code: string, addresses: Addresses, origin: string = location.origin): string {
  return reachableUrl(pathTo("join", { code }), addresses, origin);
}

/** The same for any other page that somebody else is to open. */
export function reachableUrl(path: string, addresses: Addresses, origin: string = location.origin): string {
  const better = isOfThisMachine(origin) ? addresses.network_urls[0] : undefined;
  return `${addresses.public_url ?? better ?? origin}${path}`;
}

/** What trainees open to play a homework: it begins as a join link does. */
export function homeworkUrl(token: string, addresses: Addresses, origin: string = location.origin): string {
  return reachableUrl(pathTo("assignment", { token }), addresses, origin);
}
