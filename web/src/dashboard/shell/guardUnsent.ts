import type { Device } from "../../device/view/device";

/** What is not sent goes with a page whose browser keeps nothing: whoever closes it is asked first. */
export function guardUnsent(device: Device): void {
  if (device.isKept) return;
  addEventListener("beforeunload", (event) => {
    if (device.status.peek().waiting > 0) event.preventDefault();
  });
}
