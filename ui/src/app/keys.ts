/**
 * The keyboard: which key does what, and when none may act. Letters are
 * ignored in fields and in dialogs, and can be switched off (WCAG 2.1.4).
 */
import { mapControl } from "../map/control";
import { alerts } from "../views/alerts/alerts.svelte";
import { queueView } from "../views/alerts/queueView.svelte";
import { dialogs } from "./dialogs.svelte";
import { selection } from "./selection.svelte";
import { keySettings } from "./keySettings.svelte";

export { keySettings };

/** For the help: keys, and what they do. */
export const KEYS: [string, string][] = [
  ["j k", "next and previous alert"],
  ["Enter", "open the alert or track that has the focus"],
  ["a", "acknowledge the open alert"],
  ["c", "close the open alert, with a reason"],
  ["/", "search tracks by name, id or MMSI"],
  ["t", "list of the tracks in view"],
  ["d", "devices: feeds and sensors"],
  ["g m", "map"],
  ["g a", "table of all alerts"],
  ["+ −", "zoom in, zoom out"],
  ["← ↑ ↓ →", "move the map"],
  ["Esc", "close, deselect, back to the map"],
  ["?", "this help"],
];

/** A second key must follow `g` within this time, ms. */
const CHORD_MS = 1_500;
/** One press of an arrow moves the map so far, CSS pixels. */
const PAN_PX = 120;

let chordUntil_ms = 0;

export function handleKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (dialogs.open !== undefined || isField(event.target)) return;
  if (act(event)) event.preventDefault();
}

function act(event: KeyboardEvent): boolean {
  const { key } = event;
  if (key === "Escape") return escape();
  if (moveMap(event)) return true;
  if (!keySettings.singleLetters) return false;
  if (performance.now() < chordUntil_ms) {
    chordUntil_ms = 0;
    return goToView(key);
  }
  switch (key) {
    case "g":
      chordUntil_ms = performance.now() + CHORD_MS;
      return true;
    case "j":
      return queueView.step(1);
    case "k":
      return queueView.step(-1);
    case "a":
      return acknowledge();
    case "c":
      return offerClose();
    case "/":
      dialogs.show("search");
      return true;
    case "?":
      dialogs.show("help");
      return true;
    case "t":
      selection.tab = "tracks";
      return true;
    case "d":
      selection.tab = "devices";
      return true;
    case "+":
    case "=":
      mapControl.scene?.zoomBy(1);
      return true;
    case "-":
      mapControl.scene?.zoomBy(-1);
      return true;
    default:
      return false;
  }
}

function escape(): boolean {
  if (selection.view !== "map") selection.view = "map";
  else selection.clear();
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  return true;
}

/** Arrows move the map unless a list or a button has the focus. */
function moveMap({ key, target }: KeyboardEvent): boolean {
  if (target !== document.body || selection.view !== "map") return false;
  const by: Record<string, [number, number]> = {
    ArrowLeft: [-PAN_PX, 0],
    ArrowRight: [PAN_PX, 0],
    ArrowUp: [0, -PAN_PX],
    ArrowDown: [0, PAN_PX],
  };
  const move = by[key];
  if (!move) return false;
  mapControl.scene?.panBy(...move);
  return true;
}

function goToView(key: string): boolean {
  if (key === "m") selection.view = "map";
  else if (key === "a") selection.view = "alerts";
  else return false;
  return true;
}

function acknowledge(): boolean {
  const id = selection.alert;
  if (id === undefined || alerts.all.get(id)?.state !== "new") return false;
  void alerts.acknowledge(id);
  return true;
}

function offerClose(): boolean {
  const alert = selection.alert === undefined ? undefined : alerts.all.get(selection.alert);
  if (!alert || alert.state === "closed") return false;
  dialogs.show("close");
  return true;
}

function isField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}
