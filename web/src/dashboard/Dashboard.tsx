import { useEffect, useState } from "preact/hooks";
import { openDevice } from "../device/view/open";
import type { Device } from "../device/view/device";
import { browserOptions } from "./browser";
import { DeviceContext } from "./context";
import { guardUnsent } from "./shell/guardUnsent";
import { Pages } from "./shell/Pages";

let opening: Promise<Device> | null = null;
let opened: Device | null = null;

async function openOnce(): Promise<Device> {
  const device = openDevice(await browserOptions());
  guardUnsent(device);
  opened = device;
  return device;
}

/** The trainer's part of the app, on this device's own database and line to the server, opened once for the page. */
export function Dashboard() {
  const [device, setDevice] = useState(opened);
  useEffect(() => {
    opening ??= openOnce();
    void opening.then(setDevice);
  }, []);
  if (device === null) return <div class="db-shell" aria-busy="true" />;
  return (
    <DeviceContext.Provider value={device}>
      <Pages />
    </DeviceContext.Provider>
  );
}
