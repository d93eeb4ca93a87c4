/** What a person can do with time by key and palette. */
import { commands } from "../app/commands";
import { selection } from "../app/selection.svelte";
import { alerts } from "../views/alerts/alerts.svelte";
import { SPEEDS, replay } from "./replay.svelte";

const STEP_MS = 10_000;
/** An alert's birth is shown from this long before it, ms. */
export const BEFORE_BIRTH_MS = 30_000;

const done = (act: () => void) => (): boolean => {
  act();
  return true;
};

function faster(by: 1 | -1): boolean {
  const at = SPEEDS.findIndex((speed) => speed === replay.speed);
  const next = SPEEDS[at + by];
  if (!replay.isOn || next === undefined) return false;
  replay.setSpeed(next);
  return true;
}

/** Goes to just before an alert was raised and lets time run on from there. */
export function replayBirth(id: string): boolean {
  const alert = alerts.all.get(id) ?? replay.alerts.get(id);
  if (!alert) return false;
  replay.seek(Date.parse(alert.opened_at) - BEFORE_BIRTH_MS);
  replay.play(true);
  selection.openAlert(id, "then");
  return true;
}

export function registerTimeActs(): void {
  const isOffered = () => replay.isOn;
  commands.register(
    { id: "time.back", group: "Time", name: "10 s back", key: "[", run: done(() => replay.step(-STEP_MS)) },
    { id: "time.forward", group: "Time", name: "10 s on", key: "]", isOffered, run: () => replay.isOn && done(() => replay.step(STEP_MS))() },
    { id: "time.play", group: "Time", name: "play or stand still", key: "Space", run: done(() => replay.toggle()) },
    { id: "time.faster", group: "Time", name: "replay faster", key: ">", isOffered, run: () => faster(1) },
    { id: "time.slower", group: "Time", name: "replay slower", key: "<", isOffered, run: () => faster(-1) },
    { id: "time.live", group: "Time", name: "back to live (also Esc)", key: "g l", isOffered, run: () => replay.isOn && done(() => replay.leave())() },
    {
      id: "time.birth", group: "Time", name: "replay how the open alert arose", key: "b", isOffered: () => selection.alert !== undefined,
      run: () => selection.alert !== undefined && replayBirth(selection.alert),
    },
  );
  commands.onEscape(() => {
    if (!replay.isOn) return false;
    replay.leave();
    return true;
  });
}
