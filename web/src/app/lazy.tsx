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
  if (loaded.has(load as Load<never>)) return;
  if (lost.size > 0 || bringing !== null) await bringLostStyles();
  loaded.set(load as Load<never>, (await load()) as ComponentType<never>);
}

/**
 * Styles of chunks that did not come, by their addresses. What imports a chunk asks for its style only the first time,
 * and shows the page without it ever after.
 */
const lost = new Set<string>();
let bringing: Promise<unknown> | null = null;

/** From now on what is lost is known, and stands in the page no longer, as something that could be read. */
export function noteLostStyles(): void {
  const note = ({ target }: Event) => {
    if (!(target instanceof HTMLLinkElement) || target.rel !== "stylesheet") return;
    lost.add(target.href);
    target.remove();
  };
  // It does not bubble.
  addEventListener("error", note, { capture: true });
}

/** Refused if one of them does not come again: nobody knows whose it is. */
async function bringLostStyles(): Promise<void> {
  const again = [...lost];
  lost.clear();
  const all = (bringing = Promise.all([bringing, ...again.map(askForStyle)]));
  await all;
  if (bringing === all) bringing = null;
  if (lost.size > 0) throw new Error("A style did not come.");
}

function askForStyle(href: string): Promise<unknown> {
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", crossOrigin: "", href });
  document.head.append(link);
  return new Promise((resolve) => (link.onload = link.onerror = resolve));
}
