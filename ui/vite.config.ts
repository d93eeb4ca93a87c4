import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

/**
 * The product is committed and embedded, so file names carry no hash and the
 * output must not depend on the machine: CI builds it again and compares bytes.
 */
export default defineConfig({
  plugins: [svelte()],
  resolve: {
    alias: {
      // The package exports only the whole set; the page needs the number SIDC
      // icons alone, which is 40 % of the bytes.
      "milsymbol/parts": fileURLToPath(
        new URL("./node_modules/milsymbol/index.mjs", import.meta.url),
      ),
    },
  },
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      output: {
        entryFileNames: "assets/[name].js",
        chunkFileNames: "assets/[name].js",
        assetFileNames: "assets/[name][extname]",
      },
    },
  },
});
