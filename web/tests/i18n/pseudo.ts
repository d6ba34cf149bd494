/** A language that nobody speaks: English in brackets, with accents, and two fifths longer. */

const [OPEN, SHUT, PADDING] = ["⟦", "⟧", "·"] as const;
const ACCENTED: Record<string, string> = {
  a: "á", c: "ç", e: "é", i: "í", n: "ñ", o: "ö", u: "ü", y: "ý", A: "Å", C: "Č", E: "Ê", I: "Î", N: "Ñ", O: "Ø", U: "Û",
}; // prettier-ignore

export function pseudoText(text: string): string {
  const accented = text.replace(/\{\w+\}|[a-zA-Z]/g, (found) => ACCENTED[found] ?? found);
  return OPEN + accented + PADDING.repeat(Math.ceil(text.length * 0.4)) + SHUT;
}

export function pseudo<Messages extends object>(texts: Messages): Messages {
  return inAll(texts) as Messages;
}

function inAll(texts: object): object {
  return Object.fromEntries(
    Object.entries(texts).map(([key, text]: [string, string | object]) => [
      key,
      typeof text !== "string" ? inAll(text) : text.startsWith(OPEN) ? text : pseudoText(text),
    ]),
  );
}

const TOLD_ALOUD = ["aria-label", "aria-valuetext", "aria-description", "title", "placeholder", "alt"];

/** Everything that an element says to eye and ear: its text nodes and the attributes that are read out. */
export function everythingSaid(root: Element): string[] {
  const said: string[] = [];
  for (const element of [root, ...root.querySelectorAll("*")]) {
    if (["SCRIPT", "STYLE"].includes(element.tagName)) continue;
    for (const node of element.childNodes) if (node.nodeType === 3) said.push(node.textContent ?? "");
    for (const name of TOLD_ALOUD) said.push(element.getAttribute(name) ?? "");
  }
  return said.filter((text) => text.trim() !== "");
}

/** What is left of a text without what came from the catalogue and without `data`; null if that says nothing. */
export function notFromCatalogue(text: string, data: readonly (string | RegExp)[]): string | null {
  let rest = text;
  // A text may stand in a place of another one.
  for (let before = ""; before !== rest; ) {
    before = rest;
    rest = rest.replace(/⟦[^⟦⟧]*⟧/g, " ");
  }
  for (const known of data) rest = rest.replaceAll(known, " ");
  return /\p{L}/u.test(rest) ? text.trim() : null;
}
