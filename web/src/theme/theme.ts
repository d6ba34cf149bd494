import { effect, signal } from "@preact/signals";

export type Theme = "dark" | "light";

const STORED = "shiller.theme";

export const theme = signal<Theme>(localStorage.getItem(STORED) === "light" ? "light" : "dark");

effect(() => {
  document.documentElement.dataset.theme = theme.value;
});

export function chooseTheme(chosen: Theme): void {
  theme.value = chosen;
  localStorage.setItem(STORED, chosen);
}
