/**
 * The mock node's past: the same scripted world at any second before now, as
 * `/timeline`, `/tracks/{id}/history`, `/tracks?at=` and the replay socket
 * tell it. Everything follows from the time asked for.
 */
import { tracksAt } from "./mock-world.mjs";

const KIND = { snapshot: 1, update: 2, remove: 3, event: 4, heartbeat: 5, attributes: 6 };
/** So much is held, s. */
const HELD_S = 26 * 3600;
/** One link was out then, s after the start of the mock. */
const GAP = { from_s: -3 * 3600, to_s: -3 * 3600 + 900, feed: "ais-coast", text: "no frame for 15 min" };
/** Frames a second while playing; the contract allows ten. */
const FRAMES_HZ = 5;

export const SEVERITIES = ["critical", "serious", "caution", "information"];

/** A quiet night: a few alerts an hour, the same for the same bin of the clock. */
function pastAlerts(from_s, to_s) {
  const found = [];
  for (let slot = Math.floor(from_s / 600); slot * 600 < to_s; slot += 1) {
    const draw = Math.abs(Math.imul(slot ^ 0x5bd1e995, 0x9e3779b1)) % 100;
    const at_s = slot * 600 + (draw * 37) % 600;
    if (at_s < from_s || at_s >= to_s || draw > 42) continue;
    found.push({ at_s, severity: draw < 2 ? "critical" : draw < 9 ? "serious" : draw < 30 ? "caution" : "information" });
  }
  return found;
}

export function timeline(node, query) {
  const [from_ms, to_ms] = [Date.parse(query.get("from")), Date.parse(query.get("to"))];
  const bins = Number(query.get("bins") ?? 288);
  const width_ms = (to_ms - from_ms) / bins;
  const t = (ms) => (ms - node.start_ms) / 1000;
  const openings = [...node.alerts.values()].map((alert) => ({ at_ms: Date.parse(alert.opened_at), severity: alert.severity }));
  // The clock's own tens of minutes, so that a window that moves on shows the same night.
  const night = pastAlerts(from_ms / 1000, Math.min(to_ms, node.start_ms - 400_000) / 1000).map(({ at_s, severity }) => ({ at_ms: at_s * 1000, severity }));
  const all = [...openings, ...night].filter(({ at_ms }) => at_ms >= node.start_ms - HELD_S * 1000);
  return {
    from: new Date(from_ms).toISOString(),
    to: new Date(to_ms).toISOString(),
    bins: Array.from({ length: bins }, (_, index) => {
      const [start, end] = [from_ms + index * width_ms, from_ms + (index + 1) * width_ms];
      const isHeld = start >= node.start_ms - HELD_S * 1000 && start <= Date.now();
      const counts = Object.fromEntries(SEVERITIES.map((severity) => [severity, all.filter((each) => each.severity === severity && each.at_ms >= start && each.at_ms < end).length]));
      const isOut = t(start) >= GAP.from_s && t(start) < GAP.to_s;
      const tracks = !isHeld ? 0 : isOut ? 6 : Math.round(22 + 9 * Math.sin(start / 9_000_000) + 3 * Math.sin(start / 1_100_000));
      return { at: new Date(start).toISOString(), ...counts, tracks, observations: tracks * 30 };
    }),
    gaps: [{ from: node.iso(GAP.from_s), to: node.iso(GAP.to_s), feed: GAP.feed, text: GAP.text }].filter(({ from, to }) => Date.parse(to) >= from_ms && Date.parse(from) <= to_ms),
    acts: [
      { at: node.iso(-7_000), actor: "officer-2", text: "closed: Drone near the jetty", alert: null },
      ...[...node.alerts.values()].flatMap((alert) => alert.history.map(({ at, actor, act }) => ({ at, actor, text: `${act}: ${alert.title}`, alert: alert.id }))),
    ].filter(({ at }) => Date.parse(at) >= from_ms && Date.parse(at) <= to_ms),
    held_from: node.iso(-HELD_S),
    held_to: new Date().toISOString(),
  };
}

/** Points each 10 s or more, at most `limit`. */
export function history(node, id, query) {
  const [from_ms, to_ms] = [Math.max(Date.parse(query.get("from")), node.start_ms - HELD_S * 1000), Math.min(Date.parse(query.get("to")), Date.now())];
  const limit = Number(query.get("limit") ?? 1000);
  const step_ms = Math.max(10_000, (to_ms - from_ms) / limit);
  const points = [];
  for (let at_ms = from_ms; at_ms <= to_ms && points.length < limit; at_ms += step_ms) {
    const track = tracksAt((at_ms - node.start_ms) / 1000).find((each) => `T${each.slot}` === id);
    if (!track) continue;
    const { lat_deg, lon_deg, height_m, speed_mps, course_deg } = track;
    points.push({ at: new Date(at_ms).toISOString(), lat_deg, lon_deg, height_m, speed_mps, course_deg, sigma_m: 12, state: "live" });
  }
  return { id, points, more: false, incomplete: from_ms < node.start_ms + GAP.to_s * 1000 && to_ms > node.start_ms + GAP.from_s * 1000 };
}

/** The alerts that stood at `t` seconds, with the acts that had been done by then. */
export function alertsAt(node, t) {
  const at_ms = node.start_ms + t * 1000;
  return [...node.alerts.values()]
    .filter((alert) => Date.parse(alert.opened_at) <= at_ms)
    .map((alert) => {
      const done = alert.history.filter((act) => Date.parse(act.at) <= at_ms);
      const last = done.findLast(({ act }) => ["acknowledge", "close", "shelve"].includes(act));
      const state = last ? { acknowledge: "acknowledged", close: "closed", shelve: "shelved" }[last.act] : "new";
      return { ...alert, state, history: done, assignee: last?.actor ?? null, revised: false, condition: "active", updated_at: done.at(-1)?.at ?? alert.opened_at };
    });
}

/** One page's replay: its own second, speed and loop. */
export class MockReplay {
  constructor(node, client, query) {
    this.node = node;
    this.client = client;
    this.at_ms = Date.parse(query.get("at"));
    this.speed = Number(query.get("speed") ?? 1);
    this.isPlaying = false;
    this.loop = null;
    this.told = new Set();
    this.beats = 0;
    client.on("message", (data) => this.hear(JSON.parse(data.toString())));
    this.timer = setInterval(() => this.beat(), 1000 / FRAMES_HZ);
    client.on("close", () => clearInterval(this.timer));
    this.begin();
  }

  t = () => (this.at_ms - this.node.start_ms) / 1000;

  hear(word) {
    if (word.seek !== undefined) this.at_ms = Math.min(Date.now(), Math.max(this.node.start_ms - HELD_S * 1000, Date.parse(word.seek)));
    if (word.speed !== undefined) this.speed = word.speed;
    if (word.play !== undefined) this.isPlaying = word.play;
    if (word.loop !== undefined) this.loop = word.loop?.map((each) => Date.parse(each)) ?? null;
    if (word.seek !== undefined) this.begin();
  }

  begin() {
    const tracks = tracksAt(this.t());
    this.send(KIND.snapshot, this.node.recordsOf(tracks, (track) => this.flagsOf(track)));
    this.send(KIND.attributes, Buffer.from(JSON.stringify({ tracks: tracks.map((track) => this.node.attributesOf(track)) })));
    this.told = new Set();
    this.tellAlerts();
    this.tellState();
  }

  tellState() {
    const isIncomplete = this.t() >= GAP.from_s && this.t() < GAP.to_s;
    this.event({ type: "replay", at: new Date(this.at_ms).toISOString(), speed: this.speed, playing: this.isPlaying, from: this.node.iso(-HELD_S), to: new Date().toISOString(), incomplete: isIncomplete });
  }

  tellAlerts() {
    for (const alert of alertsAt(this.node, this.t())) {
      const form = `${alert.id} ${alert.state} ${alert.history.length}`;
      if (this.told.has(form)) continue;
      this.told.add(form);
      this.event({ type: "alert", alert });
    }
  }

  beat() {
    this.beats += 1;
    if (this.beats % FRAMES_HZ === 0) this.send(KIND.heartbeat, Buffer.alloc(0));
    if (!this.isPlaying) return;
    this.at_ms += (1000 / FRAMES_HZ) * this.speed;
    if (this.loop && this.at_ms > this.loop[1]) {
      this.at_ms = this.loop[0];
      this.begin();
      return;
    }
    if (this.at_ms >= Date.now()) {
      this.at_ms = Date.now();
      this.isPlaying = false;
      this.tellState();
    }
    this.send(KIND.update, this.node.recordsOf(tracksAt(this.t()), (track) => this.flagsOf(track)));
    this.tellAlerts();
  }

  /** The severity of a track is that of the alerts that stood then. */
  flagsOf(track) {
    const open = alertsAt(this.node, this.t()).filter((alert) => alert.track === `T${track.slot}` && alert.state !== "closed");
    const bits = Math.max(0, ...open.map(({ severity }) => ({ critical: 3, serious: 2, caution: 1, information: 1 })[severity]));
    return (track.flags & ~3) | bits;
  }

  event(event) {
    this.send(KIND.event, Buffer.from(JSON.stringify(event)));
  }

  send(kind, body) {
    if (this.client.readyState === 1) this.client.send(this.node.frame(kind, body, { at_s: this.at_ms / 1000, flags: 1 }));
  }
}

