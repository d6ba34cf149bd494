import type { ComponentChildren } from "preact";

/** Drawn here, so that nothing is loaded. Each is decoration: the text beside it says what it is. */
function Icon(props: { children: ComponentChildren; name: string }) {
  return (
    <svg class={`mon-icon mon-icon-${props.name}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {props.children}
    </svg>
  );
}

export const BellIcon = () => (
  <Icon name="bell">
    <path d="M6 17V11a6 6 0 0 1 12 0v6l2 2H4zM10 21h4" />
  </Icon>
);

export const BellOffIcon = () => (
  <Icon name="bell-off">
    <path d="M6 17V11a6 6 0 0 1 12 0v6l2 2H4zM10 21h4M4 3l17 18" />
  </Icon>
);

export const CheckIcon = () => (
  <Icon name="check">
    <path d="M4 12.5 9.5 18 20 6.5" />
  </Icon>
);

export const SpeakerIcon = () => (
  <Icon name="speaker">
    <path d="M4 9v6h4l6 5V4L8 9zM17 8a6 6 0 0 1 0 8M19.5 5a10 10 0 0 1 0 14" />
  </Icon>
);

export const CuffIcon = () => (
  <Icon name="cuff">
    <path d="M4 5h9v10H4zM4 10h9M13 8h3a3 3 0 0 1 3 3v3" />
    <circle cx="19" cy="17" r="3" />
  </Icon>
);

export const FlagIcon = () => (
  <Icon name="flag">
    <path d="M6 21V4h11l-2 4 2 4H6" />
  </Icon>
);

export const GearIcon = () => (
  <Icon name="gear">
    <path d="M4 7h9M17 7h3M4 17h3M11 17h9" />
    <circle cx="15" cy="7" r="2" />
    <circle cx="9" cy="17" r="2" />
  </Icon>
);

export const ExpandIcon = () => (
  <Icon name="expand">
    <path d="M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5" />
  </Icon>
);

export const LinkOffIcon = () => (
  <Icon name="link-off">
    <path d="M4 9a12 12 0 0 1 16 0M7 12.5a8 8 0 0 1 10 0M10 16a4 4 0 0 1 4 0M4 3l16 18" />
  </Icon>
);

/** High: a filled triangle with its mark; medium: an outline; low: a circle. The shape tells, not the colour alone. */
export function PriorityIcon(props: { priority: "high" | "medium" | "low" }) {
  if (props.priority === "low")
    return (
      <Icon name="low">
        <circle cx="12" cy="12" r="9" />
        <path d="M12 7v6M12 16.5v.5" />
      </Icon>
    );
  return (
    <Icon name={props.priority}>
      <path class="mon-icon-body" d="M12 3 2.5 20h19z" />
      <path class="mon-icon-mark" d="M12 9v6M12 17v.5" />
    </Icon>
  );
}

const CONDITION_PATHS: Record<string, string> = {
  respiratory_distress: "M12 4v8M12 12c-1 2-2 2-4 3M12 12c1 2 2 2 4 3M9 8c-4 2-6 7-5 11 3 1 5 0 5-3zM15 8c4 2 6 7 5 11-3 1-5 0-5-3z",
  cardiac_arrest: "M12 20C5 15 3 12 3 9a4.5 4.5 0 0 1 9-1 4.5 4.5 0 0 1 9 1c0 3-2 6-9 11zM5 12h4l2-3 2 5 1-2h5",
  dysglycaemia: "M12 3c4 5 6 8 6 11a6 6 0 0 1-12 0c0-3 2-6 6-11zM9 14h6M12 11v6",
  haemorrhage: "M12 3c4 5 6 8 6 11a6 6 0 0 1-12 0c0-3 2-6 6-11zM9 15a3 3 0 0 0 3 3",
  loss_of_consciousness: "M3 11c3 4 6 5 9 5s6-1 9-5M6 14l-2 3M10 16l-1 3M14 16l1 3M18 14l2 3",
};

export function ConditionIcon(props: { condition: string }) {
  return (
    <Icon name="condition">
      <path d={CONDITION_PATHS[props.condition] ?? ""} />
    </Icon>
  );
}
