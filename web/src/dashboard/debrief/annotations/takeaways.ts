import type { AnnotationLine } from "../../room/beside/annotationLines";

export const MOST_TAKEAWAYS = 3;

/** In the order in which they were begun: an edit moves none. */
export function takeaways(written: readonly AnnotationLine[]): AnnotationLine[] {
  return written
    .filter(({ kind }) => kind === "takeaway")
    .sort((a, b) => a.stored_at - b.stored_at)
    .slice(0, MOST_TAKEAWAYS);
}
