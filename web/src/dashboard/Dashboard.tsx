import { openDevice } from "../device/view/open";
import type { Device } from "../device/view/device";
import { browserOptions } from "./browser";
import { DeviceContext } from "./context";
import { Pages } from "./shell/Pages";

let opened: Device | null = null;

/** The trainer's part of the app, on this device's own database and line to the server, opened once for the page. */
export function Dashboard() {
  opened ??= openDevice(browserOptions());
  return (
    <DeviceContext.Provider value={opened}>
      <Pages />
    </DeviceContext.Provider>
  );
}
