import type { Device } from "../device/view/device";

/**
 * The school's log was never read here and is on its way: what is not on this device may well be at the server. Colleagues
 * come with it, last of all, and oneself is always among them.
 */
export function isFirstRead(device: Pick<Device, "isOnline" | "colleagues" | "needsLogin" | "problem">): boolean {
  const isComing = device.isOnline.value && !device.needsLogin.value && device.problem.value === null;
  return isComing && device.colleagues.value.length === 0;
}
