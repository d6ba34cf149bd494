import type { ComponentChildren } from "preact";
import { go } from "../../app/route";

/** A real link (new tab, copy address) that changes the page without loading it anew. */
export function Link(props: {
  to: string;
  children: ComponentChildren;
  class?: string;
  current?: boolean;
  label?: string;
  title?: string;
  tabIndex?: number;
  /** The id of what says more of where it leads. */
  describedBy?: string;
}) {
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(props.to);
  };
  return (
    <a
      href={props.to}
      class={props.class}
      aria-label={props.label}
      title={props.title}
      tabIndex={props.tabIndex}
      aria-describedby={props.describedBy}
      aria-current={props.current === true ? "page" : undefined}
      onClick={follow}
    >
      {props.children}
    </a>
  );
}
