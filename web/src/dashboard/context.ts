import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Device } from "../device/view/device";

/** Everything a page knows and does goes through here; tests give a fake. */
export const DeviceContext = createContext<Device | null>(null);

export function useDevice(): Device {
  const device = useContext(DeviceContext);
  if (device === null) throw new Error("No Device around this component");
  return device;
}
