import { useEffect, useState } from "preact/hooks";
import type { ComponentType, VNode } from "preact";

/** A page in a chunk of its own. A chunk that does not come (offline, or an old version's) offers a reload. */
export function Lazy<P extends object>(props: {
  load: () => Promise<ComponentType<P>>;
  with: P;
  failed: VNode;
}): VNode | null {
  const [Page, setPage] = useState<ComponentType<P> | null>(null);
  const [hasFailed, setHasFailed] = useState(false);
  useEffect(() => {
    let isWanted = true;
    props.load().then(
      (loaded) => isWanted && setPage(() => loaded),
      () => isWanted && setHasFailed(true),
    );
    return () => {
      isWanted = false;
    };
  }, [props.load]);
  if (hasFailed) return props.failed;
  return Page === null ? null : <Page {...props.with} />;
}
