/**
 * The page in Debian's Chromium. Without arguments: against the mock node,
 * with the faults that only a mock can play. With `PICKET_SIGN_IN` (and, if
 * there is one, `PICKET_SIGN_IN_2`): the story alone, against a real node.
 *
 *   node tests/page.mjs [folder for screenshots]
 */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { openScreen, runFlow, signIn } from "./flow.mjs";
import { startMock } from "./mock-server.mjs";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const shots = process.argv[2];
if (shots) await mkdir(shots, { recursive: true });
const log = (text) => console.log(`  ${text}`);

// Each run starts the browser in a folder of its own, gone afterwards.
const home = await mkdtemp(join(tmpdir(), "picket-page-"));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: FLAGS,
  env: { ...process.env, HOME: home },
});
try {
  if (process.env.PICKET_SIGN_IN) await onRealNode();
  else await onMock();
  console.log("page: all passed");
} finally {
  await browser.close();
  await rm(home, { recursive: true, force: true });
}

async function onRealNode() {
  const { first, second } = await runFlow({
    browser,
    signInUrl: process.env.PICKET_SIGN_IN,
    secondSignInUrl: process.env.PICKET_SIGN_IN_2,
    alertWait_ms: Number(process.env.PICKET_ALERT_WAIT_MS ?? 90_000),
    shots,
    log,
  });
  assert.deepEqual([...first.faults, ...second.faults], []);
}

async function onMock() {
  const mock = await startMock();
  try {
    const { first, second, alertId } = await runFlow({ browser, signInUrl: mock.signInUrl(), alertWait_ms: 20_000, shots, log });
    await keepsInsideTheScreen(first);
    await closesWithAReason(first, second, alertId);
    await tellsALateAct(first, second);
    await findsATrackByMmsi(first);
    await lettersCanBeSwitchedOff(first);
    await saysLateAndLost(first, mock);
    assert.deepEqual([...first.faults, ...second.faults].filter(isOurs), []);
    await refusesAUsedLink(mock);
    await drawsWithoutWebGl(mock);
    await saysSignedOut(second);
  } finally {
    mock.stop();
  }
}

/** Refused connections while the mock plays dead, and refused acts, are on purpose. */
function isOurs(fault) {
  return !/WebSocket connection|Failed to load resource/.test(fault);
}

async function closesWithAReason(first, second, alertId) {
  await first.keyboard.press("c");
  await first.check('[data-testid="close-dialog-reason"][value="other"]');
  assert.ok(await first.locator('[data-testid="close-dialog-confirm"]').isDisabled(), "other is accepted without words");
  await first.fill('[data-testid="close-dialog-text"]', "escorted out by Team Alpha");
  await first.keyboard.press("Enter");
  await first.waitForSelector('[data-testid="close-dialog"]', { state: "detached" });
  await second.waitForSelector(`[data-testid="alert-detail"][data-alert="${alertId}"][data-state="closed"]`);
  assert.match(await second.locator('[data-testid="alert-detail"]').innerText(), /other: escorted out by Team Alpha/);
  log("closed with a reason, seen on both screens");
}

/** Two screens act at once: the later one hears in words who was first. */
async function tellsALateAct(first, second) {
  const row = '[data-testid="alert-queue-row"][data-severity="serious"]';
  await first.click(row);
  // The second screen's picture is held back: its act must come too late.
  await second.click(row);
  const answer = second.waitForResponse((response) => response.url().includes("/acknowledge"));
  await second.evaluate(() => {
    const button = document.querySelector('[data-testid="alert-detail-ack"]');
    const id = document.querySelector('[data-testid="alert-detail"]').getAttribute("data-alert");
    // An act from elsewhere in the same instant, then ours.
    return fetch("/api/v1/bootstrap")
      .then((response) => response.json())
      .then(({ csrf }) => {
        const act = fetch(`/api/v1/alerts/${id}/acknowledge`, {
          method: "POST",
          headers: { "Content-Type": "application/json", "X-Picket-CSRF": csrf },
          body: '{"reason":""}',
        });
        button.click();
        return act;
      })
      .then(() => undefined);
  });
  await answer;
  await second.locator('[data-testid="notice"]', { hasText: "already acknowledged" }).waitFor({ timeout: 10_000 });
  log("a late act is refused in words");
}

/** The longest words must be cut, not push the panel out of the screen. */
async function keepsInsideTheScreen(page) {
  const sizes = await page.evaluate(() => [document.documentElement.scrollWidth, ...[...document.querySelectorAll("aside, aside *")].map((each) => each.getBoundingClientRect().right)]);
  assert.ok(Math.max(...sizes) <= 1440, `something reaches to ${Math.max(...sizes)} px of 1440`);
  log("keeps inside the screen");
}

async function findsATrackByMmsi(page) {
  await page.keyboard.press("/");
  await page.keyboard.type("503551037");
  await page.locator('[data-testid="search-row"]', { hasText: "CAPE TRIUMPH" }).waitFor({ timeout: 10_000 });
  await page.keyboard.press("Enter");
  await page.waitForSelector('[data-testid="track-card"][data-track="T11"]');
  log("found a track by MMSI");
}

async function lettersCanBeSwitchedOff(page) {
  await page.keyboard.press("?");
  await page.uncheck('[data-testid="help"] input[type="checkbox"]');
  await page.keyboard.press("Escape");
  await page.keyboard.press("d");
  assert.equal(await page.locator('[data-testid="devices"]').count(), 0, "a letter acted although letters are off");
  await page.evaluate(() => localStorage.clear());
  await page.reload();
  await page.waitForSelector('[data-testid="link-state"][data-state="live"]');
  await page.keyboard.press("d");
  await page.waitForSelector('[data-testid="devices"]');
  log("letters can be switched off");
}

async function saysLateAndLost(page, mock) {
  const state = (kind) => `[data-testid="link-state"][data-state="${kind}"]`;
  mock.setSilent(true);
  await page.waitForSelector(state("late"), { timeout: 6_000 });
  mock.setDown(true);
  await page.waitForSelector(state("lost"), { timeout: 12_000 });
  await page.waitForSelector('[data-testid="map-lost"]');
  if (shots) await page.screenshot({ path: `${shots}/lost.png` });
  mock.setSilent(false);
  mock.setDown(false);
  await page.waitForSelector(state("live"), { timeout: 15_000 });
  assert.equal(await page.locator('[data-testid="map-lost"]').count(), 0);
  log("late, lost and live again");
}

async function refusesAUsedLink(mock) {
  const url = mock.signInUrl();
  const once = await openScreen(browser);
  await signIn(once, url);
  await once.context().close();
  const again = await openScreen(browser);
  await again.goto(url);
  assert.match(await again.locator('[data-testid="signed-out"]').innerText(), /used before/);
  if (shots) await again.screenshot({ path: `${shots}/signed-out.png` });
  await again.context().close();
  log("a used link is refused in words");
}

async function drawsWithoutWebGl(mock) {
  const page = await openScreen(browser);
  await signIn(page, mock.signInUrl());
  await page.goto(`${mock.base}/?renderer=none`);
  await page.waitForSelector("canvas.flat-map");
  await page.waitForSelector('[data-testid="link-state"][data-state="live"]');
  await page.waitForTimeout(1_500);
  const picture = await page.locator('[data-testid="map"]').screenshot();
  await page.waitForTimeout(2_500);
  assert.notDeepEqual(await page.locator('[data-testid="map"]').screenshot(), picture, "the plain map stands still");
  if (shots) await page.screenshot({ path: `${shots}/plain-map.png` });
  assert.deepEqual(page.faults, []);
  await page.context().close();
  log("draws without WebGL2");
}

async function saysSignedOut(page) {
  await page.click('[data-testid="me"]');
  await page.click('[data-testid="sign-out"]');
  await page.waitForSelector('[data-testid="signed-out"]');
  await page.reload();
  await page.waitForSelector('[data-testid="signed-out"]');
  log("signed out, and stays so");
}
