import { useCallback, useLayoutEffect, useRef } from "preact/hooks";

/**
 * Whether what asked is still on the screen. An answer may come long after its dialog was closed or its page was left: it
 * must neither close what stands in that place by then nor lead somebody away from where they are.
 */
export function useIsMounted(): () => boolean {
  const isMounted = useRef(true);
  useLayoutEffect(() => {
    isMounted.current = true;
    return () => {
      isMounted.current = false;
    };
  }, []);
  return useCallback(() => isMounted.current, []);
}
