import { render } from "preact";
import { App } from "./app/App";
import { forgetTitles } from "./join/seats";
import { watchForNewVersions } from "./app/update";
import "./theme/theme.css";

forgetTitles();
const root = document.getElementById("app");
if (root !== null) render(<App />, root);
void watchForNewVersions();
