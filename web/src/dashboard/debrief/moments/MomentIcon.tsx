import { Icon, type IconName } from "../../icons";
import type { FoundMoment } from "./moments";

const ICONS: Record<FoundMoment["kind"], IconName> = {
  opened: "play", end: "flag", step: "up", rhythm: "retry", arrest: "alert", arrest_end: "check", news2_5: "up",
  news2_7: "alert", silence: "clock", cuff: "hand", sensor_off: "wifi_off", bookmark: "note", annotation: "note", alarm: "alert",
}; // prettier-ignore

export function MomentIcon(props: { kind: FoundMoment["kind"] }) {
  return <Icon name={ICONS[props.kind]} />;
}
