/** A picture of the map as a file, with the marking above and below and the words that say what it shows. */
import type { Bootstrap } from "../api/types";
import { notices } from "../app/notices.svelte";
import { clockText, dateText } from "../kit/format";
import { picture } from "../live/picture.svelte";
import { mapControl } from "./control";
import { palette } from "./palette";
import { CREDIT } from "./scene";

/** Height of the marking's bands, CSS pixels. */
const BAND_PX = 28;
const FONT = '"Noto Sans", sans-serif';

export async function saveScreenshot(site: Bootstrap): Promise<void> {
  const canvas = await photograph(site);
  const blob = canvas && (await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png")));
  if (!blob) {
    notices.warn("The map could not be put into a picture.");
    return;
  }
  const at = new Date(picture.drawTime_s() * 1000).toISOString().replace(/[-:]/g, "").replace(/\.\d+/, "");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `picket-${site.site}-${at}.png`.replace(/[^\w.-]+/g, "-");
  link.click();
  // The browser reads the address when it begins to write, well within this time.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  notices.say(`Picture saved as ${link.download}, marked ${site.marking}.`);
}

/** The map with its bands; undefined while there is no map. */
async function photograph(site: Bootstrap): Promise<HTMLCanvasElement | undefined> {
  const map = await mapControl.capture();
  const view = mapControl.scene?.camera();
  if (!map || !view) return undefined;
  const { width, height } = view;
  const ratio = Math.min(2, window.devicePixelRatio);
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round((height + 2 * BAND_PX) * ratio);
  const context = canvas.getContext("2d");
  if (!context) return undefined;
  context.scale(ratio, ratio);
  context.fillStyle = palette.bg0;
  context.fillRect(0, 0, width, height + 2 * BAND_PX);
  context.drawImage(map, 0, BAND_PX, width, height);
  band(context, 0, width, site.marking, `Picket ${site.site} · ${site.mode}`, timeText());
  band(context, height + BAND_PX, width, site.marking, `${site.me.name} · log entry ${picture.seq ?? "unknown"}`, CREDIT);
  return canvas;
}

/** The picture's own time, which is not the clock's while the link is lost or the past is shown. */
function timeText(): string {
  const shown_ms = picture.drawTime_s() * 1000;
  const lost = picture.link.kind === "lost" ? ", link lost" : "";
  return `${dateText(shown_ms)} ${clockText(shown_ms)}${lost}`;
}

function band(context: CanvasRenderingContext2D, top: number, width: number, marking: string, left: string, right: string): void {
  context.fillStyle = palette.bg1;
  context.fillRect(0, top, width, BAND_PX);
  context.fillStyle = palette.fg;
  context.textBaseline = "middle";
  context.font = `600 13px ${FONT}`;
  context.textAlign = "center";
  context.fillText(marking, width / 2, top + BAND_PX / 2);
  context.font = `12px ${FONT}`;
  context.textAlign = "left";
  context.fillText(left, 12, top + BAND_PX / 2, width / 3);
  context.textAlign = "right";
  context.fillText(right, width - 12, top + BAND_PX / 2, width / 3);
  context.textBaseline = "alphabetic";
}
