/**
 * Holds the page to its budgets: brotli sizes of `dist`, in kB of 1,000 bytes.
 * Exit 1 when one is over.
 */
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";

const ASSETS = fileURLToPath(new URL("../dist/assets/", import.meta.url));
const BASE_MAP = fileURLToPath(new URL("../dist/world.pmtiles", import.meta.url));
/** What the binary may grow by, base map included, bytes as they lie in it. */
const BINARY_BYTES_MAX = 5_000_000;

/**
 * Budgets of the design: name, limit in kB, the files that begin the part. A
 * part is these and all that they import at once, less what an earlier part has.
 */
const BUDGETS = [
  ["shell before first paint", 60, ["index.js", "index.css"]],
  ["symbols", 150, ["atlas.js"]],
  ["map", 240, ["MapPane.js", "MapPane.css", "glScene.js", "base.js", "flatScene.js"]],
  ["map worker", 125, ["maplibre-gl-csp-worker.js"]],
  ["time strip, replay and print", 15, ["parts.js", "parts.css"]],
  ["acts, their dialogs and the panels of the map, on demand", 30, ["acts.js", "actDialogs.js", "actDialogs.css", "panels.js", "panels.css"]],
];
/** Budget of everything: the parts above and what comes on demand. */
const ALL_KB_MAX = 700;

const names = readdirSync(ASSETS);
const code = names.filter((name) => /\.(js|css)$/.test(name));
const kilobytes = new Map(code.map((name) => [name, brotliCompressSync(readFileSync(ASSETS + name)).length / 1000]));
const fonts = names.filter((name) => name.endsWith(".woff2"));
// Only latin loads for English text; the others wait for a name that needs them.
const latin = fonts.filter((name) => /-latin-\d/.test(name)).reduce((sum, name) => sum + readFileSync(ASSETS + name).length / 1000, 0);

let isOver = false;
const counted = new Set();
for (const [name, limit, files] of BUDGETS) {
  const part = files.flatMap((file) => withImports(file)).filter((file) => !counted.has(file) && counted.add(file));
  report(name, sum(part), limit);
}
const unbudgeted = code.filter((name) => !counted.has(name));
if (unbudgeted.length > 0) report(`without a budget: ${unbudgeted.join(", ")}`, 1, 0);
report("everything, with latin type", sum(code) + latin, ALL_KB_MAX);
const raw = [...names.map((name) => ASSETS + name), BASE_MAP].reduce((total, path) => total + readFileSync(path).length, 0);
report("growth of the binary, as stored", raw / 1000, BINARY_BYTES_MAX / 1000);
process.exitCode = isOver ? 1 : 0;

/** A file and all that it imports statically, each once. */
function withImports(file, seen = new Set()) {
  if (seen.has(file) || !names.includes(file)) return [];
  seen.add(file);
  if (!file.endsWith(".js")) return [file];
  // A static import begins a statement, where a call `import("./x.js")` has a bracket.
  const imported = [...readFileSync(ASSETS + file, "utf8").matchAll(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g)];
  return [file, ...imported.flatMap(([, name]) => withImports(name, seen))];
}

function sum(files) {
  return files.reduce((total, name) => total + (kilobytes.get(name) ?? 0), 0);
}

function report(name, kB, limit) {
  const over = kB > limit;
  isOver ||= over;
  console.log(`${over ? "OVER" : "ok  "} ${name}: ${kB.toFixed(1)} of ${limit} kB`);
}
