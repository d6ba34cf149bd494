import { effect, signal } from "@preact/signals";
import { keptOnDevice } from "../app/siteData";

export type Theme = "dark" | "light";

const STORED = "shiller.theme";

export const theme = signal<Theme>(keptOnDevice.read(STORED) === "light" ? "light" : "dark");

effect(() => {
  document.documentElement.dataset.theme = theme.value;
});

export function chooseTheme(chosen: Theme): void {
  theme.value = chosen;
  keptOnDevice.write(STORED, chosen);
}
