/**
 * The past in Debian's Chromium, against the mock node: strip, replay, what
 * must be off in it, links, windows, print, a thin link, and axe in every theme.
 *
 *   node tests/replay.mjs [folder for screenshots]
 */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { openScreen, signIn } from "./flow.mjs";
import { startMock } from "./mock-server.mjs";
import { LATER, tracksAt } from "./mock-world.mjs";

const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const THEMES = ["dark", "day", "night"];

const shots = process.argv[2];
if (shots) await mkdir(shots, { recursive: true });
const log = (text) => console.log(`  ${text}`);
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const home = await mkdtemp(join(tmpdir(), "picket-replay-"));
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS, env: { ...process.env, HOME: home } });
const mock = await startMock();
try {
  const page = await openScreen(browser);
  await signIn(page, mock.signInUrl());
  await page.locator('[data-testid="alert-queue-row"][data-severity="critical"]').waitFor({ timeout: 20_000 });
  await showsTheNight(page);
  await goesBackByKeyboard(page);
  await showsThePastAndNothingElse(page);
  await goesToATypedTime(page);
  await goesByThePointer(page);
  await keepsActsOff(page);
  await letsALiveAlertIn(page);
  await replaysABirth(page);
  await loops(page);
  await drawsALongerTrail(page);
  await givesALinkThatShowsTheSame(page);
  await sharesTheSelection(page);
  await prints(page);
  await tellsOfLateData(page);
  await tellsAThinLink(page);
  await outlivesABreak(page);
  await keepsTheThemes(page);
  assert.deepEqual(page.faults.filter(isOurs), []);
  console.log("replay: all passed");
} finally {
  await browser.close();
  mock.stop();
  await rm(home, { recursive: true, force: true });
}

/** Sockets that the mock cuts on purpose are no fault of the page. */
function isOurs(fault) {
  return !/WebSocket connection|Failed to load resource/.test(fault);
}

function at(name) {
  return `[data-testid="${name}"]`;
}

function isReplay(page) {
  return page.waitForSelector(at("replay-badge"));
}

function isLive(page) {
  return page.waitForSelector(at("replay-badge"), { state: "detached" });
}

/** The replayed second, once its picture is there, ms since 1970. */
async function second(page) {
  await page.waitForSelector(`${at("replay-tag")}[data-seeking="false"]`);
  const [, day, time] = /REPLAY (\S+) (\S+)/.exec(await page.locator(at("replay-tag")).innerText());
  return Date.parse(`${day}T${time}`);
}

async function shot(page, name) {
  if (shots) await page.screenshot({ path: `${shots}/${name}.png` });
}

async function showsTheNight(page) {
  const slider = page.locator(at("time-strip-slider"));
  await page.waitForSelector(`${at("time-strip-slider")}[data-bins="288"]`);
  await page.click(at("time-strip-span-1h"));
  await page.waitForSelector(`${at("time-strip-slider")}[data-bins="120"]`);
  await page.click(at("time-strip-span-24h"));
  await page.waitForSelector(`${at("time-strip-slider")}[data-bins="288"]`);
  assert.match(await slider.getAttribute("aria-valuetext"), /^Live, .*track/);
  assert.match(await page.locator("#time-strip-summary").innerText(), /alerts, of them \d+ critical.*1 gap/);
  log("the strip shows the night, in words too");
}

async function goesBackByKeyboard(page) {
  await page.focus(at("time-strip-slider"));
  const before = Date.now();
  await page.keyboard.press("ArrowLeft");
  await isReplay(page);
  await page.waitForSelector(at("replay-frame"));
  const first = await second(page);
  assert.ok(Math.abs(before - 10_000 - first) < 3_000, "the arrow did not go back 10 s");
  await page.keyboard.press("Shift+ArrowLeft");
  assert.equal(await second(page), first - 60_000);
  await page.keyboard.press("PageDown");
  assert.equal(await second(page), first - 60_000 - 900_000);
  await page.keyboard.press("ArrowRight");
  assert.equal(await second(page), first - 60_000 - 890_000);
  await page.keyboard.press("End");
  await isLive(page);
  assert.equal(await page.locator(at("replay-frame")).count(), 0);
  await page.keyboard.press("Home");
  await isReplay(page);
  assert.ok(Date.now() - (await second(page)) > 23.9 * 3_600_000, "Home is not the strip's beginning");
  await page.keyboard.press("Escape");
  await isLive(page);
  log("back and forth by keyboard, Esc is live");
}

/** The place of a moving track is that of the replayed second, and stays when frames of the present stray in. */
async function showsThePastAndNothingElse(page) {
  await page.click(at("tab-tracks"));
  await page.click(`${at("tracks-in-view-row")}[data-track="T15"]`);
  await page.keyboard.press("Escape");
  await page.click(at("tab-tracks"));
  await page.click(`${at("tracks-in-view-row")}[data-track="T15"]`);
  const live = await page.locator(at("track-card-position")).innerText();
  await page.focus(at("time-strip-slider"));
  for (let steps = 0; steps < 5; steps += 1) await page.keyboard.press("Shift+ArrowLeft");
  const then_ms = await second(page);
  const expected = tracksAt((then_ms - mock.start_ms) / 1000).find(({ slot }) => slot === 15);
  await page.waitForFunction((was) => document.querySelector('[data-testid="track-card-position"]')?.textContent !== was, live);
  const shown = await page.locator(at("track-card-position")).innerText();
  const [, lat, latMinutes, lon, lonMinutes] = /(\d+)° ([\d.]+)′ S (\d+)° ([\d.]+)′ E/.exec(shown);
  // Ten metres: the second on the screen has no fractions.
  assert.ok(Math.abs(-(Number(lat) + Number(latMinutes) / 60) - expected.lat_deg) < 1e-4, `${shown} is not where T15 was`);
  assert.ok(Math.abs(Number(lon) + Number(lonMinutes) / 60 - expected.lon_deg) < 1e-4, `${shown} is not where T15 was`);
  const count = await page.locator(at("tab-tracks")).innerText();
  mock.crossFrames();
  await page.waitForTimeout(1_500);
  assert.equal(await page.locator(at("tab-tracks")).innerText(), count, "a frame of the present was drawn in the past");
  assert.equal(await page.locator(at("track-card-position")).innerText(), shown, "a still replay moved");
  await page.keyboard.press("Escape");
  await isLive(page);
  await page.waitForTimeout(1_200);
  assert.ok(Number(/\d+/.exec(await page.locator(at("tab-tracks")).innerText())[0]) > 10, "a frame of the past emptied the present");
  log("shows the past and nothing else");
}

async function goesToATypedTime(page) {
  await page.fill(at("time-strip-time"), "later");
  await page.keyboard.press("Enter");
  await page.locator(at("notice"), { hasText: "That is no time" }).waitFor();
  const wanted = new Date(Date.now() - 2 * 3_600_000);
  const text = `${wanted.toISOString().slice(0, 10)} ${wanted.toISOString().slice(11, 19)}`;
  await page.fill(at("time-strip-time"), text);
  await page.keyboard.press("Enter");
  await isReplay(page);
  assert.equal(await second(page), Math.floor(wanted.getTime() / 1000) * 1000);
  await page.click(at("time-strip-live"));
  await isLive(page);
  log("goes to a typed time");
}

async function goesByThePointer(page) {
  const box = await page.locator(at("time-strip-slider")).boundingBox();
  const x = (share) => box.x + box.width * share;
  const y = box.y + 30;
  await page.mouse.move(x(0.5), y);
  await page.mouse.down();
  await isReplay(page);
  for (let share = 0.5; share > 0.25; share -= 0.02) await page.mouse.move(x(share), y);
  await page.mouse.move(x(0.25), y);
  await page.mouse.up();
  const then_ms = await second(page);
  assert.ok(Math.abs(Date.now() - then_ms - 18 * 3_600_000) < 15 * 60_000, `the drag ended ${(Date.now() - then_ms) / 3_600_000} h back`);
  await page.mouse.move(x(0.9), y);
  await page.mouse.down();
  await page.mouse.move(x(1), y);
  await page.mouse.up();
  await isLive(page);
  await page.mouse.move(400, 300);
  log("drags through the night, and to its end for live");
}

async function keepsActsOff(page) {
  await page.locator(`${at("alert-queue-row")}[data-severity="critical"]`).click();
  await page.keyboard.press("[");
  await isReplay(page);
  await page.locator(`${at("alert-queue-row")}[data-severity="critical"][data-from="live"]`).click();
  for (const name of ["ack", "close", "shelve", "assess"]) {
    assert.ok(await page.locator(at(`alert-detail-${name}`)).isDisabled(), `${name} is not off in a replay`);
  }
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press("a");
  await page.locator(at("notice"), { hasText: "Acts are off" }).waitFor();
  assert.equal(await page.locator(at("alert-detail")).getAttribute("data-state"), "new", "an act was done in a replay");
  await page.fill(at("alert-detail-note"), "looked at it again");
  await page.keyboard.press("Enter");
  await page.locator(at("notice"), { hasText: "Note added" }).waitFor();
  // Out of the field first, then out of the past.
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await isLive(page);
  assert.ok(await page.locator(at("alert-detail-ack")).isEnabled());
  log("acts are off, a note is not");
}

async function letsALiveAlertIn(page) {
  await page.keyboard.press("[");
  for (let steps = 0; steps < 3; steps += 1) await page.keyboard.press("[");
  await isReplay(page);
  mock.raise(LATER);
  const row = page.locator(`${at("alert-queue-row")}[data-detector="area.dwell"]`);
  await row.waitFor({ timeout: 5_000 });
  assert.equal(await row.getAttribute("data-from"), "live");
  await row.locator(at("alert-queue-row-live")).waitFor();
  await isReplay(page);
  await shot(page, "replay");
  await page.keyboard.press("Escape");
  await isLive(page);
  log("a live alert comes in beside the past, and is called live");
}

async function replaysABirth(page) {
  const row = page.locator(`${at("alert-queue-row")}[data-severity="critical"]`);
  await row.click();
  const opened_ms = Date.parse(await row.locator("time").getAttribute("datetime"));
  await page.click(at("alert-detail-birth"));
  await isReplay(page);
  await page.waitForSelector(at("alert-detail-not-yet"));
  const then_ms = await second(page);
  assert.ok(then_ms - opened_ms >= -31_000 && then_ms - opened_ms < -20_000, `began ${then_ms - opened_ms} ms from the birth`);
  await shot(page, "before-birth");
  await page.selectOption(at("time-strip-speed"), "16");
  await page.waitForSelector(`${at("alert-detail")}[data-from="then"][data-state="new"]`, { timeout: 10_000 });
  assert.ok((await second(page)) >= opened_ms - 1_000, "the alert was there before it was raised");
  await page.keyboard.press("Space");
  await page.waitForSelector(`${at("time-strip-play")}[data-playing="false"]`);
  const still = await second(page);
  await page.waitForTimeout(1_500);
  assert.equal(await second(page), still, "a replay that stands still went on");
  await shot(page, "birth");
  await page.selectOption(at("time-strip-speed"), "1");
  log("replays how an alert arose");
}

async function loops(page) {
  await page.click(at("time-strip-loop"));
  const from = await second(page);
  await page.focus(at("time-strip-slider"));
  await page.keyboard.press("ArrowLeft");
  const begin = await second(page);
  assert.equal(begin, from - 10_000);
  await page.click(at("time-strip-loop"));
  await page.selectOption(at("time-strip-speed"), "8");
  await page.click(at("time-strip-play"));
  const seen = [];
  for (let looks = 0; looks < 14; looks += 1) {
    await page.waitForTimeout(250);
    seen.push(await second(page));
  }
  assert.ok(seen.every((each) => each >= begin - 1_000 && each <= from + 2_000), "the loop was left");
  assert.ok(seen.some((each, index) => index > 0 && each < seen[index - 1]), "it did not begin anew");
  await page.click(at("time-strip-play"));
  await page.click(at("time-strip-loop"));
  await page.selectOption(at("time-strip-speed"), "1");
  log("loops a range");
}

async function drawsALongerTrail(page) {
  await page.keyboard.press("Escape");
  await isLive(page);
  await page.click(at("tab-tracks"));
  await page.click(`${at("tracks-in-view-row")}[data-track="T43"]`);
  await page.click(at("track-card-trail-6h"));
  await page.waitForSelector(at("track-card-history"));
  assert.ok(Number(await page.locator(at("track-card-history")).getAttribute("data-points")) > 1_000);
  assert.match(await page.locator(at("track-card-history")).innerText(), /records of this time are missing/);
  await shot(page, "trail");
  await page.click(at("track-card-trail-10min"));
  await page.goto(`${mock.base}/?track=T46`);
  await page.waitForSelector(`${at("track-card")}[data-track="T46"] ${at("track-card-altitude")}`);
  assert.equal(await page.locator(at("track-card-altitude")).innerText(), "6,250 ft (1,905 m)");
  assert.equal(await page.locator(at("track-card-squawk")).innerText(), "3217");
  assert.match(await page.locator(at("track-card-climb")).innerText(), /^−906 ft\/min/);
  await shot(page, "aircraft");
  log("a longer trail, and what an aircraft says of itself");
}

async function givesALinkThatShowsTheSame(page) {
  await page.goto(mock.base);
  await page.waitForSelector(`${at("link-state")}[data-state="live"]`);
  await page.locator(`${at("alert-queue-row")}[data-severity="critical"]`).click();
  await page.click(at("alert-detail-birth"));
  await page.waitForSelector(at("alert-detail-not-yet"));
  await page.click(at("time-strip-play"));
  await page.waitForSelector(`${at("time-strip-play")}[data-playing="false"]`);
  const then_ms = await second(page);
  await page.waitForFunction(() => new URLSearchParams(location.search).has("t"));
  await page.waitForTimeout(300);
  const link = page.url();
  assert.match(link, /alert=[0-9a-f]+/);
  const colleague = await openScreen(browser);
  await signIn(colleague, mock.signInUrl());
  await colleague.goto(link);
  await isReplay(colleague);
  assert.equal(await second(colleague), then_ms);
  await colleague.waitForSelector(at("alert-detail-not-yet"));
  await colleague.goto(`${mock.base}/?view=alerts`);
  await colleague.waitForSelector(at("alerts-table"));
  await colleague.context().close();
  await page.keyboard.press("Escape");
  await isLive(page);
  assert.ok(!new URL(page.url()).searchParams.has("t"), "the address keeps the second after the way back");
  log("a link shows a colleague the same second");
}

/** A second window of the same browser takes on what is chosen in the first, and the other way. */
async function sharesTheSelection(page) {
  const [other] = await Promise.all([
    page.context().waitForEvent("page"),
    (async () => {
      await page.click(at("me"));
      await page.click(at("own-window"));
    })(),
  ]);
  await other.waitForSelector(`${at("link-state")}[data-state="live"]`);
  await other.waitForSelector(`${at("map-canvas")}[data-ready="true"]`, { timeout: 30_000 });
  const id = await page.locator(at("alert-queue-row")).nth(1).getAttribute("data-alert");
  await page.locator(at("alert-queue-row")).nth(1).click();
  await other.waitForSelector(`${at("alert-detail")}[data-alert="${id}"]`);
  const back = await other.locator(at("alert-queue-row")).nth(0).getAttribute("data-alert");
  await other.locator(at("alert-queue-row")).nth(0).click();
  await page.waitForSelector(`${at("alert-detail")}[data-alert="${back}"]`);
  await other.close();
  log("windows of one browser share what is chosen");
}

async function prints(page) {
  await page.evaluate(() => {
    window.print = () => {};
  });
  await page.locator(`${at("alert-queue-row")}[data-severity="critical"]`).click();
  await page.click(at("alert-detail-print"));
  const sheet = page.locator(at("print-sheet"));
  await sheet.waitFor({ state: "attached" });
  assert.equal(await sheet.getAttribute("data-sheet"), "alert");
  await page.emulateMedia({ media: "print" });
  const text = await sheet.innerText();
  for (const wanted of [/EXERCISE UNCLASSIFIED[^]*EXERCISE UNCLASSIFIED/, /Person inside North Ammo/, /chance of being inside\s+97 %\s+90 %\s+✓ met/, /✗ not met/, /\? unknown/, /looked at it again/, /log up to entry \d+/, /http:\/\/localhost/]) assert.match(text, wanted);
  assert.ok(await sheet.locator("figure canvas").isVisible(), "the sheet has no map");
  const isDrawn = await sheet.locator("figure canvas").evaluate((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const seen = new Set();
    for (let at = 0; at < data.length; at += 4 * 997) seen.add(data[at] * 65_536 + data[at + 1] * 256 + data[at + 2]);
    return seen.size;
  });
  assert.ok(isDrawn > 3, "the map on the sheet is empty");
  assert.ok(!(await page.locator(at("alert-queue")).isVisible()), "the screen is printed too");
  if (shots) await page.pdf({ path: `${shots}/alert.pdf`, format: "A4", printBackground: true });
  await page.evaluate(() => window.dispatchEvent(new Event("afterprint")));
  await page.emulateMedia({ media: "screen" });
  await sheet.waitFor({ state: "detached" });

  await page.click(at("alert-queue-print"));
  await sheet.waitFor({ state: "attached" });
  await page.emulateMedia({ media: "print" });
  assert.match(await sheet.innerText(), /Alert queue\s+\d+ open alerts/);
  if (shots) await page.pdf({ path: `${shots}/queue.pdf`, format: "A4", landscape: true, printBackground: true });
  await page.evaluate(() => window.dispatchEvent(new Event("afterprint")));
  await page.emulateMedia({ media: "screen" });
  // The browser's own command prints what is open, without being asked by a button.
  await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
  await sheet.waitFor({ state: "attached" });
  assert.equal(await sheet.getAttribute("data-sheet"), "alert");
  await page.evaluate(() => window.dispatchEvent(new Event("afterprint")));
  log("prints an alert and the queue, marked on top and bottom");
}

async function tellsOfLateData(page) {
  const changed = mock.revise(({ detector }) => detector === "distress", { revised: true, condition: "withdrawn", state: "cleared" });
  const row = page.locator(`${at("alert-queue-row")}[data-alert="${changed.id}"]`);
  await row.filter({ hasText: "withdrawn by later data" }).waitFor();
  await page.locator(at("alert-queue-row"), { hasText: "Harbour limit" }).first().click();
  assert.match(await page.locator(at("alert-detail")).innerText(), /Line Harbour limit/);
  assert.match(await page.locator(at("alert-detail")).innerText(), /revised by later data/);
  log("says what late data changed, and which line was crossed");
}

async function tellsAThinLink(page) {
  const state = (kind) => `${at("link-state")}[data-state="${kind}"]`;
  mock.setThin(6);
  await page.waitForSelector(state("late"), { timeout: 20_000 });
  // Old frames come steadily now; the link is late all the same, and never lost.
  await page.waitForTimeout(7_000);
  assert.match(await page.locator(at("link-state")).innerText(), /late [5-9] s/);
  mock.setThin(0);
  await page.waitForSelector(state("live"), { timeout: 20_000 });
  log("a thin link reads late");
}

async function outlivesABreak(page) {
  await page.keyboard.press("[");
  await isReplay(page);
  const then_ms = await second(page);
  mock.setDown(true);
  await page.waitForTimeout(500);
  mock.setDown(false);
  await page.waitForSelector(`${at("link-state")}[data-state="live"]`, { timeout: 20_000 });
  assert.equal(await second(page), then_ms);
  await page.keyboard.press("Escape");
  await isLive(page);
  log("a broken link comes back to the same second");
}

async function keepsTheThemes(page) {
  for (const theme of THEMES) {
    await page.click(at("me"));
    await page.click(at(`theme-${theme}`));
    await noFaultFound(page, `${theme}, menu`);
    await page.click(at("me"));
    await page.locator(`${at("alert-queue-row")}[data-severity="critical"]`).click();
    await page.waitForTimeout(1_500);
    await noFaultFound(page, `${theme}, alert`);
    await shot(page, `theme-${theme}`);
    await page.click(at("alert-detail-birth"));
    await isReplay(page);
    await second(page);
    await noFaultFound(page, `${theme}, replay`);
    await page.click(at("time-strip-play"));
    await page.click(at("tab-tracks"));
    await page.locator(at("tracks-in-view-row")).first().click();
    await page.waitForSelector(at("track-card-sources"));
    await page.waitForTimeout(700);
    await noFaultFound(page, `${theme}, track in replay`);
    await shot(page, `replay-${theme}`);
    await page.keyboard.press("Escape");
    await isLive(page);
    await page.click(at("view-alerts"));
    await noFaultFound(page, `${theme}, table`);
    await page.click(at("view-map"));
    await page.click(at("tab-devices"));
    await noFaultFound(page, `${theme}, devices`);
    await page.keyboard.press("?");
    await noFaultFound(page, `${theme}, help`);
    await page.keyboard.press("Escape");
  }
  await page.click(at("me"));
  await page.locator(at("brightness")).fill("40");
  assert.equal(await page.evaluate(() => getComputedStyle(document.getElementById("app")).filter), "brightness(0.4)");
  await page.reload();
  await page.waitForSelector(`${at("link-state")}[data-state="live"]`);
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "night");
  assert.equal(await page.evaluate(() => getComputedStyle(document.getElementById("app")).filter), "brightness(0.4)");
  log("three themes without a fault that axe finds; kept after a reload, and so is the brightness");
}

async function noFaultFound(page, where) {
  const found = await page.evaluate(`${axe}; axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html, failureSummary }) => html.slice(0, 160) + " " + failureSummary.slice(0, 220)).join(" | ")))`);
  assert.deepEqual(found, [], where);
}
