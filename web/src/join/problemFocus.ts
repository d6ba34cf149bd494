import { useEffect, useRef } from "preact/hooks";

/**
 * The focus goes to what is wrong. To be called as the question goes out: whoever went on to somewhere else before its
 * answer came is not called back from there.
 */
export function useProblemFocus<Problem>(problem: Problem | null, placeOf: (problem: Problem) => HTMLElement | null): () => void {
  const askedFrom = useRef<Element | null>(null);
  useEffect(() => {
    if (problem === null) return;
    const now = document.activeElement;
    if (now === null || now === document.body || now === askedFrom.current) placeOf(problem)?.focus();
  }, [problem]);
  return () => {
    askedFrom.current = document.activeElement;
  };
}
