/** Starts the page: theme and type first, then who is here. */
import "./app/fonts.css";
import "./app/theme.css";
import { mount } from "svelte";
import App from "./app/App.svelte";
import { theme } from "./app/theme.svelte";
import { registerTimeActs } from "./time/acts";
import { session } from "./app/session.svelte";

theme.start();
const target = document.getElementById("app");
if (!target) throw new Error("index.html has no #app");
registerTimeActs();
mount(App, { target });
void session.start();
// The keys come right behind the first paint.
void import("./app/acts").then(({ registerActs }) => registerActs());
