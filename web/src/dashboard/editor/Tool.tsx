import { Icon } from "../icons";

/** A small button with a picture, its name told and shown on pointing. */
export function Tool(props: {
  icon: "up" | "trash" | "cross" | "copy" | "undo";
  isDown?: boolean;
  label: string;
  isOff?: boolean;
  onPress: () => void;
}) {
  return (
    <button
      type="button"
      class={`db-button db-button-quiet ${props.isDown === true ? "db-ed-down" : ""}`}
      aria-label={props.label}
      title={props.label}
      aria-disabled={props.isOff === true}
      onClick={() => props.isOff !== true && props.onPress()}
    >
      <Icon name={props.icon} />
    </button>
  );
}
