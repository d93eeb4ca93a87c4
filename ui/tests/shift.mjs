/**
 * A shift on the real binary, in Debian's Chromium: sign in, filter, draw an
 * area, an alert is born from it, replay its birth, take it on, print it; then
 * the same screens in three themes, with axe finding nothing. Its pictures are
 * those of docs/guide.md.
 *
 *   node tests/shift.mjs ../target/release/picket [folder for pictures]
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { openScreen, signIn } from "./flow.mjs";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const THEMES = ["dark", "day", "night"];
/** Around the anchored GREY GULL of the demo's world: latitude and longitude, typed. */
const CORNERS = ["-23.9044, 151.4475", "-23.9044, 151.4595", "-23.8924, 151.4595", "-23.8924, 151.4475"];

const [picket, shots] = process.argv.slice(2);
if (shots) await mkdir(shots, { recursive: true });
const log = (text) => console.log(`  ${text}`);
const test = (id) => `[data-testid="${id}"]`;

const demo = spawn(picket, ["demo", "--no-browser", "--people", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "inherit"] });
const ended = once(demo, "exit");
const home = await mkdtemp(join(tmpdir(), "picket-shift-"));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  env: { ...process.env, HOME: home },
});
let failed = true;
/** The queue's row of the alert that the area gave rise to. */
let born;
try {
  const page = await openScreen(browser);
  await signIn(page, await link());
  log("signed in");
  await seesTheNight(page);
  await filters(page);
  const name = "Anchorage watch";
  await drawsAnArea(page, name);
  await anAlertIsBorn(page, name);
  await replaysItsBirth(page);
  await takesItOnAndPrintsIt(page);
  await looksAtAnAircraft(page);
  await keepsTheThemes(page);
  assert.deepEqual(page.faults.filter((fault) => !/Failed to load resource/.test(fault)), []);
  failed = false;
} finally {
  await browser.close();
  demo.kill("SIGTERM");
  await rm(home, { recursive: true, force: true });
}
const [code] = await ended;
if (failed || code !== 0) {
  console.error(failed ? "the shift could not be walked" : `picket demo ended with ${code}: its log does not verify`);
  process.exit(1);
}
console.log("1 passed, 0 failed");

/** The link with TLS; the certificate was made just now, so the browser is told not to check it. */
function link() {
  return new Promise((resolve, reject) => {
    let text = "";
    demo.stdout.on("data", (bytes) => {
      text += bytes;
      const found = /https:\/\/localhost:\d+\/enrol#\S+/.exec(text);
      if (found) resolve(found[0]);
    });
    demo.once("exit", (code) => reject(new Error(`picket demo ended with ${code}: ${text}`)));
  });
}

async function shot(page, name) {
  if (shots) await page.screenshot({ path: `${shots}/${name}.png` });
}

/** The night's first critical alert, with its reasons. */
async function seesTheNight(page) {
  const intruder = page.locator(`${test("alert-queue-row")}[data-detector="area.entry"][data-severity="critical"]`);
  await intruder.first().waitFor({ timeout: 60_000 });
  await intruder.first().click();
  assert.match(await page.locator(test("alert-detail-why")).innerText(), /inside North Ammo/);
  await page.waitForTimeout(1_000);
  await shot(page, "watch");
  log("the intruder's alert says why");
}

async function openPanel(page, key, id, part) {
  await page.keyboard.press(key);
  await page.waitForSelector(`${test(`panel-${id}`)} ${part}`);
}

async function leavePanel(page) {
  await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
  if ((await page.locator('[data-testid^="panel-"]').count()) > 0) await page.keyboard.press("Escape");
  await page.waitForFunction(() => document.querySelector('[data-testid^="panel-"]') === null);
}

/** Only ships: the page says at once that this hides people who are warned of. */
async function filters(page) {
  await openPanel(page, "h", "filter", test("filter-kind-vessel"));
  await page.check(test("filter-kind-vessel"));
  await page.locator(test("filter-alerting")).waitFor();
  assert.match(await page.locator(test("filter-alerting")).innerText(), /\d+ alerting tracks? hidden/);
  await shot(page, "filter");
  await page.uncheck(test("filter-kind-vessel"));
  await page.waitForSelector(test("filter-alerting"), { state: "detached" });
  await leavePanel(page);
  log("a filter says which alerting tracks it hides");
}

async function drawsAnArea(page, name) {
  await openPanel(page, "z", "draw", test("places-add"));
  for (const corner of CORNERS) {
    await page.fill(test("places-add"), corner);
    await page.keyboard.press("Enter");
  }
  await page.waitForFunction(() => document.querySelectorAll('[data-testid="places-row"]').length === 4);
  await page.fill(test("draw-name"), name);
  await page.selectOption(test("draw-kind"), "restricted");
  await shot(page, "draw");
  await page.click(test("draw-save"));
  await page.waitForSelector(test("panel-draw"), { state: "detached" });
  log("drew an area by typed coordinates");
}

async function anAlertIsBorn(page, name) {
  const row = page.locator(test("alert-queue-row")).filter({ hasText: `inside ${name}` }).first();
  await row.waitFor({ timeout: 60_000 });
  const id = await row.getAttribute("data-alert");
  born = `${test("alert-queue-row")}[data-alert="${id}"]`;
  await page.click(born);
  assert.match(await page.locator(test("alert-detail-why")).innerText(), new RegExp(`is inside ${name} since`));
  await zoomOut(page);
  await page.waitForTimeout(1_500);
  await shot(page, "born");
  log("an alert is born from it");
}

async function replaysItsBirth(page) {
  await page.click(test("alert-detail-birth"));
  await page.waitForSelector(test("replay-badge"));
  await page.waitForSelector(`${test("replay-tag")}[data-seeking="false"]`);
  await page.waitForSelector(test("alert-detail-not-yet"));
  await page.selectOption(test("time-strip-speed"), "8");
  await page.waitForSelector(`${test("alert-detail")}[data-from="then"]`, { timeout: 30_000 });
  await shot(page, "replay");
  await page.keyboard.press("Escape");
  await page.waitForSelector(test("replay-badge"), { state: "detached" });
  log("its birth is replayed: first it is not there, then it is");
}

async function takesItOnAndPrintsIt(page) {
  await page.click(born);
  await page.keyboard.press("a");
  await page.waitForSelector(`${born}[data-state="acknowledged"]`);
  await page.evaluate(() => {
    window.print = () => {};
  });
  await page.click(test("alert-detail-print"));
  const sheet = page.locator(test("print-sheet"));
  await sheet.waitFor({ state: "attached" });
  await page.emulateMedia({ media: "print" });
  const text = await sheet.innerText();
  for (const wanted of [/EXERCISE UNCLASSIFIED[^]*EXERCISE UNCLASSIFIED/i, /inside Anchorage watch/, /acknowledge/, /log up to entry \d+/]) assert.match(text, wanted);
  if (shots) await page.pdf({ path: `${shots}/print.pdf`, format: "A4", printBackground: true });
  await shot(page, "print");
  await page.evaluate(() => window.dispatchEvent(new Event("afterprint")));
  await page.emulateMedia({ media: "screen" });
  await sheet.waitFor({ state: "detached" });
  log("taken on by keyboard, and printed with its marking");
}

/** The aircraft in distress, with what its transponder says. */
async function looksAtAnAircraft(page) {
  const row = page.locator(test("alert-queue-row")).filter({ hasText: "squawk 7700" }).first();
  await row.waitFor({ timeout: 60_000 });
  await row.click();
  await page.click(test("alert-detail-track"));
  await page.waitForSelector(test("track-card-squawk"));
  assert.match(await page.locator(test("track-card-squawk")).innerText(), /7700/);
  assert.match(await page.locator(test("track-card-altitude")).innerText(), /2,?500 ft/);
  await page.waitForTimeout(1_500);
  await shot(page, "aircraft");
  log("an aircraft's card tells altitude and code");
}

/** Far enough to see the whole area and the ships around it. */
async function zoomOut(page) {
  await page.mouse.move(500, 420);
  await page.mouse.wheel(0, 900);
}

async function noFaultFound(page, where) {
  const isThere = await page.evaluate(() => "axe" in window);
  if (!isThere) await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
  const said = violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(" ").slice(0, 300)}`);
  assert.deepEqual(said, [], `axe found faults in ${where}`);
}

async function keepsTheThemes(page) {
  for (const theme of THEMES) {
    await page.click(test("me"));
    await page.click(test(`theme-${theme}`));
    await page.click(test("me"));
    await page.click(born);
    await zoomOut(page);
    await page.waitForTimeout(1_500);
    await noFaultFound(page, `${theme}, live`);
    await shot(page, `theme-${theme}`);
    await page.click(test("alert-detail-birth"));
    await page.waitForSelector(`${test("replay-tag")}[data-seeking="false"]`);
    await noFaultFound(page, `${theme}, replay`);
    await page.keyboard.press("Escape");
    await page.waitForSelector(test("replay-badge"), { state: "detached" });
  }
  log("three themes, and axe finds nothing");
}
