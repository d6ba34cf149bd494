import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";

// In this order: each of them also calls itself by the names of those behind it.
const BROWSERS: [RegExp, string][] = [
  [/\bEdgA?\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\b(Firefox|FxiOS)\//, "Firefox"],
  [/\b(Chrome|CriOS)\//, "Chrome"],
  [/\bSafari\//, "Safari"],
];
const SYSTEMS: [RegExp, string][] = [
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bAndroid\b/, "Android"],
  [/\bWindows\b/, "Windows"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bMac OS X\b/, "Mac"],
  [/\bLinux\b/, "Linux"],
];

/** «Firefox on Windows»: what a person knows their devices by. Another program is shown by what it calls itself. */
export function agentWords(agent: string): string {
  const texts = t.value.people.me;
  const [browser, system] = [BROWSERS, SYSTEMS].map((known) => known.find(([sign]) => sign.test(agent))?.[1]);
  if (browser !== undefined && system !== undefined) return fill(texts.on, { browser, system });
  return browser ?? system ?? (agent === "" ? texts.unknown : agent.split(/[\s(]/)[0]!.slice(0, 40));
}
