import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Local } from "../device/view/device";

/** Everything a page knows and does goes through here; tests give a fake. */
export const LocalContext = createContext<Local | null>(null);

export function useLocal(): Local {
  const local = useContext(LocalContext);
  if (local === null) throw new Error("No Local around this component");
  return local;
}
