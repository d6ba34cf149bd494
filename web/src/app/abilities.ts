/**
 * What this browser gives this page. Much of it is missing where the page is no secure context: over plain http, except
 * on the server's own machine.
 */
export interface Abilities {
  isSecure: boolean;
  /** The screen does not go dark by itself while a monitor is shown. */
  staysAwake: boolean;
  /** Without a network the page opens all the same, and it can be installed. */
  opensOffline: boolean;
}

export const abilities: Abilities = abilitiesOf(globalThis);

/** By what is there, never by the address: browsers differ, and a school may have said that an address is to be trusted. */
export function abilitiesOf(scope: { isSecureContext?: boolean; navigator?: object }): Abilities {
  const isSecure = scope.isSecureContext === true;
  const has = (name: string) => isSecure && scope.navigator !== undefined && name in scope.navigator;
  return { isSecure, staysAwake: has("wakeLock"), opensOffline: has("serviceWorker") };
}
