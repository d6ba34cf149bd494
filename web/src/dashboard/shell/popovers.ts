/**
 * What opens by the button that names it in `popovertarget`. Safari before 17 and Firefox before 125 have no popovers:
 * there it is done here, and popover.css hides what is not open.
 */
const OPEN = "data-popover-open";

function areKnown(): boolean {
  return "popover" in HTMLElement.prototype;
}

export function isPopoverOpen(menu: HTMLElement): boolean {
  return areKnown() ? menu.matches(":popover-open") : menu.hasAttribute(OPEN);
}

export function isAnyPopoverOpen(): boolean {
  return document.querySelector(areKnown() ? ":popover-open" : `[${OPEN}]`) !== null;
}

export function closePopover(menu: HTMLElement | null): void {
  if (menu === null || !isPopoverOpen(menu)) return;
  if (areKnown()) menu.hidePopover();
  else turn(menu, false);
}

/** For as long as menus are shown; gives the function that ends it. Nothing where the browser does it by itself. */
export function followPopovers(): () => void {
  if (areKnown()) return () => {};
  // Not a click: a tablet tells none of a tap beside everything.
  const pressed = ({ target }: Event) => {
    for (const menu of shown()) if (target instanceof Element && !menu.contains(target) && menuOf(target) !== menu) turn(menu, false);
  };
  const clicked = ({ target }: Event) => {
    const menu = target instanceof Element ? menuOf(target) : null;
    if (menu !== null) turn(menu, !menu.hasAttribute(OPEN));
  };
  const typed = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    for (const menu of shown()) {
      turn(menu, false);
      document.querySelector<HTMLElement>(`[popovertarget="${menu.id}"]`)?.focus();
    }
  };
  document.addEventListener("pointerdown", pressed);
  document.addEventListener("click", clicked);
  document.addEventListener("keydown", typed);
  return () => {
    document.removeEventListener("pointerdown", pressed);
    document.removeEventListener("click", clicked);
    document.removeEventListener("keydown", typed);
  };
}

function shown(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(`[${OPEN}]`)];
}

function menuOf(pressed: Element): HTMLElement | null {
  const id = pressed.closest("[popovertarget]")?.getAttribute("popovertarget") ?? null;
  return id === null ? null : document.getElementById(id);
}

function turn(menu: HTMLElement, isOpen: boolean): void {
  menu.toggleAttribute(OPEN, isOpen);
  menu.dispatchEvent(new Event("toggle"));
}
