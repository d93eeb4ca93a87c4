/** One chunk of what the first paint can do without: the strip, the replay's frame, the printed sheet. */
export { default as PrintSheet } from "../print/PrintSheet.svelte";
export { default as ReplayFrame } from "./ReplayFrame.svelte";
export { default as TimeStrip } from "./TimeStrip.svelte";
