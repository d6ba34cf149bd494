interface Prefixed {
  webkitFullscreenEnabled?: boolean;
  webkitFullscreenElement?: Element | null;
  webkitExitFullscreen?: () => void;
}

const page = document as Document & Prefixed;
const root = document.documentElement as HTMLElement & { webkitRequestFullscreen?: () => void };
// Safari before 16.4 has its own names for it, and promises nothing.
const isPrefixed = page.fullscreenEnabled === undefined;

/** The whole page on the whole screen. What the browser will not do, it does not say. */
export const fullscreen = {
  changed: isPrefixed ? "webkitfullscreenchange" : "fullscreenchange",
  isThere: () => (isPrefixed ? page.webkitFullscreenEnabled === true : page.fullscreenEnabled),
  isOn: () => (isPrefixed ? page.webkitFullscreenElement : page.fullscreenElement) != null,
  async enter(): Promise<void> {
    if (isPrefixed) root.webkitRequestFullscreen?.();
    else await root.requestFullscreen().catch(() => {});
  },
  async leave(): Promise<void> {
    if (isPrefixed) page.webkitExitFullscreen?.();
    else await page.exitFullscreen().catch(() => {});
  },
};
