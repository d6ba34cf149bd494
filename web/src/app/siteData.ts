/**
 * What this browser keeps for this address. Where site data is blocked, naming `localStorage` alone throws: so it is
 * named here and nowhere else, and what cannot be kept lasts as long as the page.
 */
export interface KeptTexts {
  read(key: string): string | null;
  /** Whether the browser has it; false: this page alone, until it goes. */
  write(key: string, value: string): boolean;
  remove(key: string): void;
  keys(): string[];
}

/** Until somebody deletes it, for every tab. */
export const keptOnDevice: KeptTexts = keptIn(() => localStorage);
/** For this tab, also when it is loaded anew. */
export const keptInTab: KeptTexts = keptIn(() => sessionStorage);

/** The browser's own, for whoever has to know that there is one; null where it gives none. */
export function deviceStorage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

export function keptIn(find: () => Storage): KeptTexts {
  const inPage = new Map<string, string>();

  function attempt<T>(use: (storage: Storage) => T): T | null {
    try {
      return use(find());
    } catch {
      return null;
    }
  }

  return {
    read: (key) => inPage.get(key) ?? attempt((storage) => storage.getItem(key)),
    write(key, value) {
      const isKept = attempt((storage) => {
        storage.setItem(key, value);
        return true;
      });
      if (isKept === true) inPage.delete(key);
      else inPage.set(key, value);
      return isKept === true;
    },
    remove(key) {
      inPage.delete(key);
      attempt((storage) => storage.removeItem(key));
    },
    keys() {
      const stored = attempt((storage) => Array.from({ length: storage.length }, (_, place) => storage.key(place) ?? ""));
      return [...new Set([...(stored ?? []), ...inPage.keys()])];
    },
  };
}
