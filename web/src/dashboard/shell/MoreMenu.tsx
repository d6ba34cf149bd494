import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { Icon } from "../icons";
import { closePopover, isPopoverOpen } from "./popovers";
import "./popover.css";
import "./moreMenu.css";

const GAP = 4;

/** What is done more rarely, behind one button. A popover: it closes on Escape, on a tap beside it and on a choice. */
export function MoreMenu(props: { label: string; children: ComponentChildren }) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  // It goes with its button while the list is scrolled.
  useEffect(() => {
    const follow = () => place(menu.current, button.current);
    addEventListener("scroll", follow, { passive: true });
    addEventListener("resize", follow);
    return () => {
      removeEventListener("scroll", follow);
      removeEventListener("resize", follow);
    };
  }, []);
  return (
    <>
      <button ref={button} type="button" class="db-button" popovertarget={id} aria-label={props.label}>
        <Icon name="more" />
      </button>
      <div
        ref={menu}
        class="db-popover db-more"
        id={id}
        popover="auto"
        role="group"
        aria-label={props.label}
        onToggle={() => place(menu.current, button.current)}
        onClick={() => closePopover(menu.current)}
      >
        {props.children}
      </div>
    </>
  );
}

/** Below its button, or above it where the screen ends. It belongs to no line of the page: it stands over all of it. */
function place(menu: HTMLElement | null, button: HTMLElement | null): void {
  if (menu === null || button === null || !isPopoverOpen(menu)) return;
  const { top, bottom, right } = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const isAbove = bottom + GAP + height > innerHeight && top - GAP - height >= 0;
  menu.style.top = `${isAbove ? top - GAP - height : bottom + GAP}px`;
  menu.style.left = `${Math.max(GAP, right - width)}px`;
}
