/**
 * The keyboard: from a press to a command, and when none may act. Single keys
 * are ignored in fields and in dialogs, and can be switched off or changed
 * (WCAG 2.1.4); the palette's Ctrl-K or ⌘-K works in any case.
 */
import { mapControl } from "../map/control";
import { commands } from "./commands";
import { dialogs } from "./dialogs.svelte";
import { keySettings } from "./keySettings.svelte";
import { selection } from "./selection.svelte";

/** A second key must follow the first of a chord within this time, ms. */
const CHORD_MS = 1_500;
/** One press of an arrow moves the map so far, CSS pixels. */
const PAN_PX = 120;

let chord = { first: "", until_ms: 0 };

export function handleKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  if (isPaletteKey(event)) {
    if (dialogs.open !== undefined && dialogs.open !== "palette") return;
    event.preventDefault();
    if (dialogs.open === "palette") dialogs.close();
    else dialogs.show("palette");
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (dialogs.open !== undefined) return;
  if (event.key === "Escape") {
    if (escape(event)) event.preventDefault();
    return;
  }
  if (isField(event.target)) return;
  if (act(event)) event.preventDefault();
}

/** The name of a key as commands have it; `undefined` for one that is none by itself. */
export function keyOf(event: KeyboardEvent): string | undefined {
  if (event.key === " ") return "Space";
  if (event.key === "=") return "+";
  return [...event.key].length === 1 ? event.key : undefined;
}

function isPaletteKey({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): boolean {
  return (ctrlKey || metaKey) && !altKey && !shiftKey && key.toLowerCase() === "k";
}

function act(event: KeyboardEvent): boolean {
  if (moveMap(event)) return true;
  const key = keyOf(event);
  if (key === undefined || !keySettings.singleLetters) return false;
  // A button that has the focus keeps its own key.
  if (key === "Space" && event.target !== document.body) return false;
  const whole = performance.now() < chord.until_ms ? `${chord.first} ${key}` : key;
  chord = { first: "", until_ms: 0 };
  const command = keySettings.commandOf(whole);
  if (command) return command.run();
  if (whole !== key || !startsAChord(key)) return false;
  chord = { first: key, until_ms: performance.now() + CHORD_MS };
  return true;
}

const startsAChord = (key: string): boolean =>
  commands.list().some((command) => keySettings.keyOf(command)?.startsWith(`${key} `));

/** Out of the field first, then what is open over the map, then the view, then the selection. */
function escape(event: KeyboardEvent): boolean {
  if (isField(event.target)) {
    (event.target as HTMLElement).blur();
    return true;
  }
  if (commands.escape()) return true;
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

function isField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement && ["checkbox", "radio", "range", "button"].includes(target.type)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}
