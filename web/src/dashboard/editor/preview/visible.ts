import { useSignal, type ReadonlySignal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import type { RefObject } from "preact";

/** Whether any of the element is on the screen. */
export function useVisible(element: RefObject<Element | null>): ReadonlySignal<boolean> {
  const isVisible = useSignal(true);
  useEffect(() => {
    if (element.current === null || typeof IntersectionObserver === "undefined") return undefined;
    const watch = new IntersectionObserver(([entry]) => {
      isVisible.value = entry?.isIntersecting ?? true;
    });
    watch.observe(element.current);
    return () => watch.disconnect();
  }, []);
  return isVisible;
}

const PAUSE = 150;

/** The value once it has stood still for a moment; as long as nobody looks, the one of before. */
export function useSettled<T>(value: T, isSeen: boolean): T {
  const [settled, settle] = useState(value);
  const newest = useRef(value);
  newest.current = value;
  useEffect(() => {
    if (!isSeen || settled === value) return undefined;
    const timer = setTimeout(() => settle(() => newest.current), PAUSE);
    return () => clearTimeout(timer);
  }, [value, isSeen]);
  return settled;
}
