const PARTS = /^(?:(\d+)\s*h(?:\s|$)?)?\s*(?:(\d+)\s*(?:min|m|')\s*)?(?:(\d+)\s*(?:s|sec|"|'')?)?$/i;
const CLOCK = /^(?:(\d+):)?(\d{1,3}):([0-5]\d)$/;

/** "90", "90 s", "1:30", "1 min 30", "2 h": whole seconds; null if it is no time. */
export function readSeconds(text: string): number | null {
  const plain = text.replaceAll("\u00a0", " ").trim();
  const clock = CLOCK.exec(plain);
  if (clock !== null) return Number(clock[1] ?? 0) * 3600 + Number(clock[2]) * 60 + Number(clock[3]);
  const parts = plain === "" ? null : PARTS.exec(plain);
  if (parts === null) return null;
  const [, h = "0", min = "0", s = "0"] = parts;
  return Number(h) * 3600 + Number(min) * 60 + Number(s);
}
