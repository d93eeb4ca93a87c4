/**
 * The map's tools in Debian's Chromium, against the mock node: layers, filter,
 * measuring, drawing by hand and by keys alone, palette, key settings, shelving
 * and assessing; axe looks at every panel and dialog of these, in three themes.
 *
 *   npm run build && npm run test:tools [-- folder for screenshots]
 */
import assert from "node:assert/strict";
import { readFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { openScreen, signIn } from "./flow.mjs";
import { startMock } from "./mock-server.mjs";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const THEMES = ["dark", "day", "night"];

const shots = process.argv[2];
if (shots) await mkdir(shots, { recursive: true });
const log = (text) => console.log(`  ${text}`);
const test = (id) => `[data-testid="${id}"]`;

const home = await mkdtemp(join(tmpdir(), "picket-tools-"));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  env: { ...process.env, HOME: home },
});
const mock = await startMock();
try {
  const page = await openScreen(browser);
  await signIn(page, mock.signInUrl());
  await page.waitForSelector(`${test("alert-queue-row")}[data-severity="critical"]`, { timeout: 20_000 });
  await filterSaysWhatItHides(page);
  await drawsAnAreaByHand(page);
  await drawsAnAreaByKeysAlone(page);
  await showsARefusal(page);
  await drawsALine(page);
  await takesADrawnAreaOff(page);
  await measures(page);
  await ringsFollowATrack(page);
  await laysAFileOver(page);
  await layersAreKept(page);
  await paletteDoesAndFinds(page);
  await keysCanBeChanged(page);
  await shelvesAndAssesses(page);
  await savesAPicture(page);
  await passesAxe(page);
  assert.deepEqual(page.faults.filter((fault) => !/Failed to load resource/.test(fault)), []);
  console.log("tools: all passed");
} finally {
  mock.stop();
  await browser.close();
  await rm(home, { recursive: true, force: true });
}

async function shot(page, name) {
  if (shots) await page.screenshot({ path: `${shots}/tools-${name}.png` });
}

/** Opens a panel by its key and waits until its code is there. */
async function openPanel(page, key, id, part) {
  await page.keyboard.press(key);
  await page.waitForSelector(`${test(`panel-${id}`)} ${part}`);
}

/** Out of any field, and no panel open. */
async function leave(page) {
  await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
  if ((await page.locator('[data-testid^="panel-"]').count()) > 0) await page.keyboard.press("Escape");
  await page.waitForFunction(() => document.querySelector('[data-testid^="panel-"]') === null);
}

async function filterSaysWhatItHides(page) {
  await openPanel(page, "h", "filter", test("filter-kind-vessel"));
  await page.check(test("filter-kind-vessel"));
  const notice = page.locator(test("filter-alerting"));
  await notice.waitFor();
  assert.match(await notice.innerText(), /1 alerting track hidden/);
  assert.match(new URL(page.url()).search, /filter=kind:vessel/, "the address does not carry the filter");
  await shot(page, "filter");
  await page.click(test("filter-alerting-show"));
  await notice.waitFor({ state: "detached" });
  await page.click(test("tab-tracks"));
  const listed = await page.locator(test("tracks-in-view")).innerText();
  assert.match(listed, /Person/, "the alerting person is not back in the list");
  assert.doesNotMatch(listed, /Drone/, "a filtered drone is still listed");
  // A colleague who opens the address sees the same picture.
  await page.reload();
  await page.waitForSelector(test("filter-chip"));
  await page.locator(test("filter-alerting")).waitFor();
  await page.click(test("filter-clear"));
  await page.waitForFunction(() => document.querySelector('[data-testid="filter-chip"]') === null);
  log("a filter says that it hides an alerting track, and shows it");
}

async function drawsAnAreaByHand(page) {
  await openPanel(page, "z", "draw", test("draw-name"));
  const map = await page.locator(test("map")).boundingBox();
  const corners = [[420, 360], [560, 340], [580, 480], [440, 500]];
  for (const [index, [x, y]] of corners.entries()) {
    await page.mouse.click(map.x + x, map.y + y);
    await page.locator(test("handle")).nth(index).waitFor();
  }
  const before = await page.locator(test("places-row")).nth(2).inputValue();
  await page.mouse.move(map.x + 580, map.y + 480);
  await page.mouse.down();
  await page.mouse.move(map.x + 620, map.y + 520, { steps: 4 });
  await page.mouse.up();
  await page.waitForFunction((was) => document.querySelectorAll('[data-testid="places-row"]')[2].value !== was, before);
  await page.locator(test("places-remove")).nth(3).click();
  assert.equal(await page.locator(test("handle")).count(), 3, "a corner cannot be taken out");
  await page.fill(test("draw-name"), "Jetty watch");
  await page.selectOption(test("draw-kind"), "watched");
  await page.fill(test("draw-hours"), "22:00-06:00");
  await shot(page, "draw");
  await page.click(test("draw-save"));
  await said(page, /Area drawn: Jetty watch/);
  await page.waitForSelector(test("panel-draw"), { state: "detached" });
  log("an area drawn by hand, a corner moved and one taken out");
}

/** WCAG 2.5.7 and 2.1.1: nothing here needs a pointer. */
async function drawsAnAreaByKeysAlone(page) {
  await openPanel(page, "z", "draw", test("places-add"));
  await tabTo(page, "places-add");
  for (const place of ["-23.8500, 151.2900", "23°51'00\"S 151°18'00\"E", "56KLU 28000 60500"]) {
    await page.keyboard.type(place);
    await page.keyboard.press("Enter");
  }
  await page.waitForFunction(() => document.querySelectorAll('[data-testid="places-row"]').length === 3);
  assert.equal(await page.locator(test("places-row")).nth(1).inputValue(), "-23.850000, 151.300000");
  await page.keyboard.type("north of here");
  await page.keyboard.press("Enter");
  await page.waitForSelector(test("places-add-problem"));
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await tabTo(page, "draw-name");
  await page.keyboard.type("Typed post");
  await page.keyboard.press("Enter");
  await said(page, /Area drawn: Typed post/);
  // And a corner by arrows, on the map itself.
  await openPanel(page, "z", "draw", test("places-add"));
  await tabTo(page, "places-add");
  await page.keyboard.type("-23.85, 151.3");
  await page.keyboard.press("Enter");
  await page.locator(test("handle")).focus();
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction(() => document.querySelector('[data-testid="places-row"]').value !== "-23.850000, 151.300000");
  await page.keyboard.press("Delete");
  await page.waitForFunction(() => document.querySelector('[data-testid="handle"]') === null);
  await leave(page);
  log("an area typed in decimal, in degrees and seconds, and in MGRS, by keys alone");
}

async function showsARefusal(page) {
  await openPanel(page, "z", "draw", test("draw-name"));
  await page.check(test("draw-shape-circle"), { force: true });
  await page.fill(test("places-add"), "-23.86, 151.31");
  await page.keyboard.press("Enter");
  await page.fill(test("draw-radius"), "400");
  await page.fill(test("draw-name"), "North Ammo");
  await page.click(test("draw-save"));
  await page.waitForSelector(test("draw-refusal"));
  assert.match(await page.locator(test("draw-refusal")).innerText(), /name of a configured area/);
  await shot(page, "refused");
  await page.click(test("draw-discard"));
  log("the node's refusal is shown in its words");
}

async function drawsALine(page) {
  await openPanel(page, "x", "draw", test("draw-side"));
  for (const place of ["-23.82, 151.30", "-23.86, 151.305"]) {
    await page.fill(test("places-add"), place);
    await page.keyboard.press("Enter");
  }
  await page.fill(test("draw-name"), "Typed post");
  await page.waitForSelector(test("draw-replaces"));
  await page.fill(test("draw-name"), "Boat lane");
  await page.selectOption(test("draw-side"), "right");
  await shot(page, "line");
  await page.click(test("draw-save"));
  await said(page, /Line drawn: Boat lane/);
  log("a line with a forbidden side");
}

async function takesADrawnAreaOff(page) {
  await openPanel(page, "l", "layers", `${test("areas-row")}[data-area="Typed post"]`);
  await page.click(`${test("areas-row")}[data-area="Typed post"] ${test("areas-erase")}`);
  await page.fill(test("erase-dialog-reason"), "exercise over");
  await page.click(test("erase-dialog-confirm"));
  await said(page, /Taken off the map: Typed post/);
  await page.waitForSelector(`${test("areas-row")}[data-area="Typed post"]`, { state: "detached" });
  assert.equal(await page.locator(`${test("areas-row")}[data-area="North Ammo"] ${test("areas-erase")}`).count(), 0, "a configured area can be taken off");
  await leave(page);
  log("a drawn area is taken off, a configured one cannot be");
}

async function measures(page) {
  await openPanel(page, "m", "measure", test("places-add"));
  // A minute of arc on the mean sphere: 6,371,008.8 m * pi / 10,800 = 1,853.25 m.
  for (const place of ["0, 0", "0, 0.0166666667"]) {
    await page.fill(test("places-add"), place);
    await page.keyboard.press("Enter");
  }
  const total = page.locator(test("measure-total"));
  await total.waitFor();
  assert.match(await total.innerText(), /1\.85 km \(1\.00 NM\) on 090°/);
  await page.fill(test("places-add"), "0.0166666667, 0.0166666667");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => /in 2 legs/.test(document.querySelector('[data-testid="measure-total"]').textContent));
  await page.locator(test("panel-measure")).getByText("Start anew").click();
  const map = await page.locator(test("map")).boundingBox();
  for (const [x, y] of [[420, 260], [640, 420]]) {
    await page.mouse.click(map.x + x, map.y + y);
    await page.waitForTimeout(100);
  }
  await total.waitFor();
  await shot(page, "measure");
  await page.locator(test("panel-measure")).getByText("Start anew").click();
  await leave(page);
  log("measured a mile east: 1.85 km on 090°");
}

async function ringsFollowATrack(page) {
  await page.click(test("tab-tracks"));
  await page.click(`${test("tracks-in-view-row")}[data-moving="true"]`);
  await openPanel(page, "r", "rings", test("rings-track"));
  await page.click(test("rings-track"));
  await page.fill(test("rings-step"), "0.5");
  await shot(page, "rings");
  await page.locator(test("panel-rings")).getByText("Take them off").click();
  await leave(page);
  log("rings round a track");
}

async function laysAFileOver(page) {
  await openPanel(page, "l", "layers", test("layers-file"));
  const kml = '<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><name>Berth</name><Point><coordinates>151.30,-23.85,0</coordinates></Point></Placemark></kml>';
  const geojson = JSON.stringify({ type: "Feature", properties: { name: "Fence" }, geometry: { type: "LineString", coordinates: [[151.28, -23.84], [151.3, -23.86]] } });
  const gpx = '<gpx xmlns="http://www.topografix.com/GPX/1/1" version="1.1"><trk><name>Walk</name><trkseg><trkpt lat="-23.84" lon="151.29"/><trkpt lat="-23.85" lon="151.31"/></trkseg></trk></gpx>';
  const file = (name, text) => ({ name, mimeType: "text/plain", buffer: Buffer.from(text) });
  await page.setInputFiles(test("layers-file"), [file("berths.kml", kml), file("fence.geojson", geojson), file("walk.gpx", gpx)]);
  await page.waitForFunction(() => document.querySelectorAll('[data-layer="upload"]').length === 3);
  const bomb = '<!DOCTYPE k [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><kml>&b;</kml>';
  for (const [name, text, why] of [["bomb.kml", bomb, /document type/], ["notes.txt", "hello", /none of GeoJSON/], ["broken.json", "{", /cannot be read/], ["far.json", '{"type":"Point","coordinates":[999,0]}', /no point/], ["huge.json", `{"x":"${"y".repeat(2_100_000)}"}`, /larger than 2 MB/]]) {
    await page.setInputFiles(test("layers-file"), file(name, text));
    await page.waitForFunction(([part]) => new RegExp(part).test(document.querySelector('[data-testid="layers-problem"]')?.textContent ?? ""), [why.source]);
  }
  assert.equal(await page.locator('[data-layer="upload"]').count(), 3, "a bad file was laid over the map");
  await shot(page, "layers");
  for (let n = 0; n < 3; n += 1) await page.locator('[data-layer="upload"]').first().getByText("Take off").click();
  await leave(page);
  log("KML, GeoJSON and GPX are shown; bad files are refused with a reason");
}

async function layersAreKept(page) {
  await openPanel(page, "l", "layers", test("layer-graticule"));
  await page.check(test("layer-graticule"));
  await page.check(test("grid-mgrs"));
  await page.uncheck(test("layer-areas"));
  await page.reload();
  await page.waitForSelector(`${test("map-canvas")}[data-ready="true"]`, { timeout: 60_000 });
  await openPanel(page, "l", "layers", test("grid-mgrs"));
  assert.ok(await page.isChecked(test("grid-mgrs")));
  assert.ok(!(await page.isChecked(test("layer-areas"))));
  await shot(page, "grid");
  await page.check(test("layer-areas"));
  await page.uncheck(test("layer-graticule"));
  await leave(page);
  log("layers are kept over a reload");
}

async function paletteDoesAndFinds(page) {
  await page.keyboard.press("Control+k");
  await page.waitForSelector(test("palette-input"));
  await page.keyboard.type("cape tri");
  await page.locator(test("palette-row"), { hasText: "CAPE TRIUMPH" }).waitFor();
  await page.keyboard.press("Enter");
  await page.waitForSelector(`${test("track-card")}[data-track="T11"]`);
  await page.keyboard.press("Control+k");
  await page.keyboard.type("range ri");
  await page.keyboard.press("Enter");
  await page.waitForSelector(test("panel-rings"));
  await leave(page);
  await page.keyboard.press("Control+k");
  for (const [typed, found] of [["harbour app", "Harbour approach"], ["fence-06", "Fence-06"], ["person inside", "Person inside North Ammo"], ["go to table", "go to table of all alerts"]]) {
    await page.fill(test("palette-input"), typed);
    await page.locator(test("palette-row"), { hasText: found }).first().waitFor();
  }
  await shot(page, "palette");
  await page.keyboard.press("Control+k");
  await page.waitForSelector(test("palette"), { state: "detached" });
  log("the palette finds acts, tracks, areas, devices and alerts");
}

async function keysCanBeChanged(page) {
  await page.keyboard.press("?");
  await page.click(test("help-keys"));
  const row = page.locator(`${test("keys-dialog-row")}[data-command="map.measure"]`);
  await row.getByText("Change").click();
  await page.keyboard.press("a");
  await page.waitForFunction(() => /already means/.test(document.querySelector('[data-testid="keys-dialog-said"]').textContent));
  await row.getByText("Change").click();
  await page.keyboard.press("u");
  await page.waitForFunction(() => /is on u now/.test(document.querySelector('[data-testid="keys-dialog-said"]').textContent));
  await page.keyboard.press("Escape");
  await page.waitForSelector(test("keys-dialog"), { state: "detached" });
  await page.keyboard.press("m");
  assert.equal(await page.locator(test("panel-measure")).count(), 0, "the old key still acts");
  await openPanel(page, "u", "measure", test("places-add"));
  // No key acts in a field.
  await page.locator(test("places-add")).focus();
  await page.keyboard.type("u?l");
  assert.equal(await page.locator(test("panel-measure")).count(), 1, "a key acted in a field");
  await page.locator(test("places-add")).fill("");
  await leave(page);
  await page.evaluate(() => localStorage.removeItem("picket.keys"));
  await page.reload();
  await page.waitForSelector(`${test("map-canvas")}[data-ready="true"]`, { timeout: 60_000 });
  log("a key is changed, a taken one is refused, none acts in a field");
}

async function shelvesAndAssesses(page) {
  await page.click(`${test("alert-queue-row")}[data-severity="critical"]`);
  await page.keyboard.press("s");
  await page.fill(test("shelve-dialog-reason"), "contractor at work");
  await page.keyboard.press("Enter");
  await page.waitForSelector(test("shelve-dialog-refusal"));
  assert.match(await page.locator(test("shelve-dialog-refusal")).innerText(), /Only a supervisor/);
  await shot(page, "shelve");
  await page.keyboard.press("Escape");
  await page.waitForSelector(test("shelve-dialog"), { state: "detached" });
  await page.click(`${test("alert-queue-row")}[data-detector="device.silent"]`);
  await page.keyboard.press("s");
  await page.check(`${test("shelve-dialog-minutes")}[value="30"]`);
  await page.fill(test("shelve-dialog-reason"), "being repaired");
  await page.click(test("shelve-dialog-confirm"));
  await said(page, /Shelved/);
  await page.waitForSelector(`${test("alert-detail")}[data-state="shelved"]`);
  await page.click(`${test("alert-queue-row")}[data-severity="critical"]`);
  await page.keyboard.press("n");
  await page.check(`${test("assess-dialog-cause")}[data-cause="wildlife or weather"]`);
  await shot(page, "assess");
  await page.click(test("assess-dialog-confirm"));
  await said(page, /Verdict recorded/);
  assert.match(await page.locator(test("alert-detail")).innerText(), /assessed: .*wildlife or weather/);
  log("shelved with a reason, a critical one refused; a verdict recorded");
}

async function savesAPicture(page) {
  const download = page.waitForEvent("download", { timeout: 30_000 });
  await page.keyboard.press("i");
  const saved = await download;
  assert.match(saved.suggestedFilename(), /^picket-demo-\d{8}T\d{6}Z\.png$/);
  const path = await saved.path();
  const bytes = await readFile(path);
  assert.equal(bytes.subarray(1, 4).toString(), "PNG");
  assert.ok(bytes.length > 20_000, `a picture of ${bytes.length} bytes is empty`);
  if (shots) await saved.saveAs(`${shots}/tools-picture.png`);
  log("a picture of the map with its marking");
}

/** Every panel and dialog of this file, in each theme. */
async function passesAxe(page) {
  const faults = [];
  const look = async (where) => faults.push(...(await axe(page)).map((fault) => `${where}: ${fault}`));
  await page.click(`${test("alert-queue-row")}[data-severity="critical"]`);
  for (const theme of THEMES) {
    await page.evaluate((name) => localStorage.setItem("picket.theme", name), theme);
    await page.reload();
    await page.waitForSelector(`${test("map-canvas")}[data-ready="true"]`, { timeout: 60_000 });
    await page.waitForSelector(`${test("alert-detail")}`);
    for (const [key, id] of [["l", "layers"], ["h", "filter"], ["m", "measure"], ["r", "rings"], ["z", "draw"]]) {
      await openPanel(page, key, id, "input");
      await look(`${theme} ${id}`);
      await shot(page, `${theme}-${id}`);
      await leave(page);
    }
    for (const [key, id] of [["Control+k", "palette"], ["?", "help"], ["s", "shelve-dialog"], ["n", "assess-dialog"]]) {
      await page.keyboard.press(key);
      await page.waitForSelector(test(id));
      await look(`${theme} ${id}`);
      await shot(page, `${theme}-${id}`);
      await page.keyboard.press("Escape");
      await page.waitForSelector(test(id), { state: "detached" });
    }
    await page.keyboard.press("?");
    await page.click(test("help-keys"));
    await look(`${theme} keys`);
    await page.keyboard.press("Escape");
    await page.waitForSelector(test("keys-dialog"), { state: "detached" });
  }
  assert.deepEqual(faults, []);
  log("axe finds nothing in any panel or dialog, in three themes");
}

/** What axe finds, in words. */
async function axe(page) {
  // Through the debugger's door, as the page's policy lets in no script of ours.
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { resultTypes: ["violations"] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary}`).join(" | ")}`);
  });
}

/** Tab by Tab to a field, as a hand on the keys gets there. */
async function tabTo(page, id) {
  for (let n = 0; n < 60; n += 1) {
    const at = await page.evaluate(() => document.activeElement?.getAttribute("data-testid"));
    if (at === id) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`${id} cannot be reached with Tab`);
}

async function said(page, words) {
  const notice = page.locator(test("notice"), { hasText: words }).last();
  await notice.waitFor({ timeout: 15_000 });
  assert.match(await notice.innerText(), /log entry \d+/, "an act is said without its log entry");
}
