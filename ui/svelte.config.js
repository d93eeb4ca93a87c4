import { vitePreprocess } from "@sveltejs/vite-plugin-svelte";

/** Svelte in runes mode throughout; component styles go to the one stylesheet. */
export default {
  preprocess: vitePreprocess(),
  compilerOptions: { runes: true },
};
