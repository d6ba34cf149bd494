import { useEffect, useState } from "preact/hooks";
import type { ComponentType, VNode } from "preact";

type Load<P> = () => Promise<ComponentType<P>>;

/** What has come once is there at once afterwards. */
const loaded = new WeakMap<Load<never>, ComponentType<never>>();

/** A page in a chunk of its own. A chunk that does not come (offline, or an old version's) offers a reload. */
export function Lazy<P extends object>(props: {
  load: Load<P>;
  with: P;
  failed: VNode;
  waiting?: VNode;
}): VNode | null {
  const { load } = props;
  const [told, setTold] = useState<{ load: Load<P>; hasFailed: boolean } | null>(null);
  useEffect(() => {
    let isWanted = true;
    const tell = (hasFailed: boolean) => isWanted && setTold({ load, hasFailed });
    loadOnce(load).then(
      () => tell(false),
      () => tell(true),
    );
    return () => {
      isWanted = false;
    };
  }, [load]);
  const Page = loaded.get(load as Load<never>) as ComponentType<P> | undefined;
  if (Page !== undefined) return <Page {...props.with} />;
  return told?.load === load && told.hasFailed ? props.failed : (props.waiting ?? null);
}

/** To have it before anybody asks for it; refused if it does not come. */
export async function loadOnce<P>(load: Load<P>): Promise<void> {
  if (!loaded.has(load as Load<never>)) loaded.set(load as Load<never>, (await load()) as ComponentType<never>);
}
