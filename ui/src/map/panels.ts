/** One chunk of what opens beside the map on demand. */
export { default as DrawPanel } from "../views/draw/DrawPanel.svelte";
export { default as MeasurePanel } from "../views/draw/MeasurePanel.svelte";
export { default as RingsPanel } from "../views/draw/RingsPanel.svelte";
export { default as FilterPanel } from "../views/layers/FilterPanel.svelte";
export { default as LayersPanel } from "../views/layers/LayersPanel.svelte";
