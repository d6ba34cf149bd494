import { render } from "preact";
import { App } from "./app/App";
import { noteLostStyles } from "./app/lazy";
import { forgetTitles } from "./join/seats";
import { watchForNewVersions } from "./app/update";
import "./theme/theme.css";

noteLostStyles();
forgetTitles();
const root = document.getElementById("app");
if (root !== null) render(<App />, root);
void watchForNewVersions();
