/** One chunk of what opens over the page on demand. */
export { default as AssessDialog } from "../views/alerts/AssessDialog.svelte";
export { default as CloseDialog } from "../views/alerts/CloseDialog.svelte";
export { default as ShelveDialog } from "../views/alerts/ShelveDialog.svelte";
export { default as EraseDialog } from "../views/draw/EraseDialog.svelte";
export { default as Help } from "./Help.svelte";
export { default as KeyDialog } from "./KeyDialog.svelte";
export { default as LinkDialog } from "./LinkDialog.svelte";
export { default as Palette } from "./palette/Palette.svelte";
export { default as Search } from "./Search.svelte";
