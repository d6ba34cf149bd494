import { local } from "../device";
import { LocalContext } from "./context";
import { Pages } from "./shell/Pages";

/** The trainer's part of the app, on this device's own database and line to the server. */
export function Dashboard() {
  return (
    <LocalContext.Provider value={local}>
      <Pages />
    </LocalContext.Provider>
  );
}
