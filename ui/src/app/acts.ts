/** The page's own commands, in the order that the help lists them. */
import { mapControl } from "../map/control";
import { saveScreenshot } from "../map/screenshot";
import { tools } from "../map/tools.svelte";
import { alerts } from "../views/alerts/alerts.svelte";
import { queueView } from "../views/alerts/queueView.svelte";
import { layers } from "../views/layers/layers.svelte";
import type { Alert } from "../api/types";
import { type Command, commands } from "./commands";
import { type DialogName, dialogs } from "./dialogs.svelte";
import { notices } from "./notices.svelte";
import { type Tab, type View, selection } from "./selection.svelte";
import { printing } from "../print/printing.svelte";
import { theme } from "./theme.svelte";
import { session } from "./session.svelte";

const openAlert = (): Alert | undefined => (selection.alert === undefined ? undefined : alerts.all.get(selection.alert));
const hasAlert = (isFit: (alert: Alert) => boolean) => () => {
  const alert = openAlert();
  return alert !== undefined && isFit(alert);
};
const isOpen = (alert: Alert): boolean => alert.state !== "closed";

function show(name: DialogName): boolean {
  dialogs.show(name);
  return true;
}

/** A dialog about the open alert. */
function ask(name: DialogName, isFit: (alert: Alert) => boolean): Pick<Command, "run" | "isOffered"> {
  const isOffered = hasAlert(isFit);
  return { isOffered, run: () => isOffered() && show(name) };
}

function go(view: View): boolean {
  selection.view = view;
  return true;
}

function tab(name: Tab): boolean {
  selection.tab = name;
  return true;
}

function zoom(steps: number): boolean {
  mapControl.scene?.zoomBy(steps);
  return true;
}

function follow(): boolean {
  if (selection.track === undefined) return false;
  tools.follows = !tools.follows;
  notices.say(tools.follows ? `The map follows T${selection.track} until you move it.` : "The map stands still.");
  return true;
}

function trail(): boolean {
  layers.toggle("trails");
  notices.say(layers.alpha("trails") > 0 ? "Trails are shown." : "Trails are hidden.");
  return true;
}

function home(): boolean {
  const { stage } = session;
  if (stage.kind !== "signed-in") return false;
  const { lon_deg, lat_deg, zoom: level } = stage.site.home;
  mapControl.scene?.lookAt(lon_deg, lat_deg, level);
  return true;
}

function photograph(): boolean {
  const { stage } = session;
  if (stage.kind !== "signed-in") return false;
  void saveScreenshot(stage.site);
  return true;
}

const acknowledge = hasAlert((alert) => alert.state === "new");
const hasTrack = (): boolean => selection.track !== undefined;

/** Puts them into the table; called once, before the first key. */
export function registerActs(): void {
  commands.register(
    { id: "alert.next", group: "Alerts", name: "next alert", key: "j", run: () => queueView.step(1) },
    { id: "alert.previous", group: "Alerts", name: "previous alert", key: "k", run: () => queueView.step(-1) },
    {
      id: "alert.acknowledge", group: "Alerts", name: "acknowledge the open alert", key: "a", isOffered: acknowledge,
      run: () => acknowledge() && selection.alert !== undefined && (void alerts.acknowledge(selection.alert), true),
    },
    { id: "alert.shelve", group: "Alerts", name: "shelve the open alert, with a reason", key: "s", ...ask("shelve", isOpen) },
    { id: "alert.assess", group: "Alerts", name: "say what the open alert was: not a threat", key: "n", ...ask("assess", () => true) },
    { id: "alert.close", group: "Alerts", name: "close the open alert, with a reason", key: "c", ...ask("close", isOpen) },
    { id: "track.search", group: "Tracks", name: "search tracks by name, id or MMSI", key: "/", run: () => show("search") },
    { id: "track.follow", group: "Tracks", name: "follow the selected track", key: "f", isOffered: hasTrack, run: follow },
    { id: "track.trail", group: "Tracks", name: "show or hide the trail", key: "t", run: trail },
    { id: "track.list", group: "Tracks", name: "list of the tracks in view", key: "v", run: () => tab("tracks") },
    { id: "device.list", group: "Tracks", name: "devices: feeds and sensors", key: "d", run: () => tab("devices") },
    { id: "map.layers", group: "Map", name: "layers", key: "l", run: () => tools.toggle("layers") },
    { id: "map.filter", group: "Map", name: "filter the tracks", key: "h", run: () => tools.toggle("filter") },
    { id: "map.measure", group: "Map", name: "measure distance and bearing", key: "m", run: () => tools.toggle("measure") },
    { id: "map.rings", group: "Map", name: "range rings", key: "r", run: () => tools.toggle("rings") },
    { id: "map.area", group: "Map", name: "draw an area", key: "z", run: () => tools.openDraw("polygon") },
    { id: "map.line", group: "Map", name: "draw a line", key: "x", run: () => tools.openDraw("line") },
    { id: "map.picture", group: "Map", name: "save a picture of the map, with the marking", key: "i", run: photograph },
    { id: "map.home", group: "Map", name: "back to the site", key: "0", run: home },
    { id: "map.nearer", group: "Map", name: "zoom in", key: "+", run: () => zoom(1) },
    { id: "map.farther", group: "Map", name: "zoom out", key: "-", run: () => zoom(-1) },
    { id: "view.map", group: "Go to", name: "map", key: "g m", run: () => go("map") },
    { id: "view.alerts", group: "Go to", name: "table of all alerts", key: "g a", run: () => go("alerts") },
    { id: "page.print", group: "Page", name: "print the open alert, or the queue", key: "P", run: () => (void printing.start(), true) },
    { id: "page.theme", group: "Page", name: "next theme: dark, day, night", key: null, run: () => (theme.next(), true) },
    { id: "page.help", group: "Page", name: "keyboard and help", key: "?", run: () => show("help") },
    { id: "page.keys", group: "Page", name: "change or switch off keys", key: null, run: () => show("keys") },
    { id: "page.link", group: "Page", name: "link for another screen", key: null, run: () => show("link") },
    { id: "page.sign-out", group: "Page", name: "sign out", key: null, run: () => (void session.signOut(), true) },
  );
}
