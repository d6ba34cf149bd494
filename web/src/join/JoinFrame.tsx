import type { ComponentChildren } from "preact";
import { Lacks } from "../app/Lacks";
import { pathTo } from "../app/pages";
import { go } from "../app/route";
import { LanguageChoice, ThemeChoice } from "./Choices";
import "./Join.css";

/** Around each page by which somebody comes in: its choices above, and below it what does not work and another way. */
export function JoinFrame(props: {
  isBusy?: boolean;
  other: { page: "home" | "sessions"; text: string };
  children: ComponentChildren;
}) {
  const address = pathTo(props.other.page);
  return (
    <div class="join">
      <header class="join-top">
        <LanguageChoice />
        <ThemeChoice />
      </header>
      <main class="join-main" aria-busy={props.isBusy}>
        {props.children}
      </main>
      <footer class="join-foot">
        <Lacks of={["staysAwake"]} class="join-hint" />
        <a
          href={address}
          onClick={(event) => {
            event.preventDefault();
            go(address);
          }}
        >
          {props.other.text}
        </a>
      </footer>
    </div>
  );
}
