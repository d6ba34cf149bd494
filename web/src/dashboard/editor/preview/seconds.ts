/** `2:30`, `150`, `1:02:30`: seconds; null if it says no time. */
export function readSeconds(text: string): number | null {
  const found = /^\s*(?:(?:(\d{1,2}):)?(\d{1,4}):)?(\d{1,5})\s*$/.exec(text);
  if (found === null) return null;
  const [, hours = "0", minutes, seconds = "0"] = found;
  if (minutes !== undefined && Number(seconds) > 59) return null;
  return Number(hours) * 3600 + Number(minutes ?? "0") * 60 + Number(seconds);
}
