/**
 * Times the work on the main thread that every frame waits for. Off unless the
 * address says `?meter=on`: then each piece of work is an entry of the
 * browser's own performance timeline, for `npm run bench` to read.
 */
const isOn = typeof location !== "undefined" && new URLSearchParams(location.search).get("meter") === "on";

/** Does `work`, and notes how long that took under `name`. */
export function metered(name: "picket.decode" | "picket.upload" | "picket.draw" | "picket.overlay", work: () => void): void {
  if (!isOn) {
    work();
    return;
  }
  const start = performance.now();
  work();
  performance.measure(name, { start, end: performance.now() });
}
