import { t } from "../i18n";
import { abilities } from "./abilities";

/** What does not work in this browser at this address, and what to do about it; nothing where everything works. */
export function Lacks(props: { of: readonly ("staysAwake" | "opensOffline")[]; class?: string }) {
  const texts = t.value.common.lacks;
  const missing = props.of.filter((ability) => !abilities[ability]);
  if (missing.length === 0) return null;
  const said = [...missing.map((ability) => texts[ability]), ...(abilities.isSecure ? [] : [texts.needs_https])];
  return <p class={props.class}>{said.join(" ")}</p>;
}
