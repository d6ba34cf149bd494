import { render } from "preact";
import { App } from "./app/App";
import { watchForNewVersions } from "./app/update";
import "./theme/theme.css";

const root = document.getElementById("app");
if (root !== null) render(<App />, root);
void watchForNewVersions();
