/**
 * A node for tests of the page: serves `dist` under the strictest policy the
 * page can live with, answers the REST of `docs/api.md` and sends its live
 * stream over a scripted world. No state outlives the process.
 *
 *   node tests/mock-server.mjs            prints the sign-in link
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { randomBytes } from "node:crypto";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { WebSocketServer } from "ws";
import { MockReplay, history, timeline } from "./mock-past.mjs";
import { AREAS, HOME, LINES, SCRIPT, SYMBOLS, devicesAt, hex, tracksAt } from "./mock-world.mjs";

const DIST = fileURLToPath(new URL("../dist", import.meta.url));
/** What the page needs, and nothing more: a violation fails the page test. */
export const CSP =
  "default-src 'self'; worker-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; connect-src 'self'; font-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8", ".pmtiles": "application/octet-stream" };
const CLOSE_REASONS = ["friendly", "known activity", "sensor fault", "wildlife or weather", "duplicate", "handled", "other"];
const FRAME_BYTES = 16_384 * 20;
const KIND = { snapshot: 1, update: 2, remove: 3, event: 4, heartbeat: 5, attributes: 6 };

/** Starts a mock node on a free port (or `port`); resolves to its address and switches. */
export async function startMock({ port = 0, person = "officer-1", world = tracksAt } = {}) {
  const node = new MockNode(person, world);
  const server = createServer((request, response) => void node.answer(request, response));
  const sockets = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request, socket, head) => {
    if (!node.sessionOf(request) || node.isDown) return socket.destroy();
    const url = new URL(request.url, "http://localhost");
    const isReplay = url.pathname === "/api/v1/replay";
    sockets.handleUpgrade(request, socket, head, (client) => (isReplay ? node.joinReplay(client, url.searchParams) : node.join(client)));
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  node.base = `http://localhost:${server.address().port}`;
  const timer = setInterval(() => node.tick(), 1000);
  return {
    base: node.base,
    signInUrl: () => node.newLink(person),
    /** Keeps the sockets but says nothing, so that the page turns late. */
    setSilent: (silent) => (node.isSilent = silent),
    /** Holds each live frame back by `seconds`, as a thin link does. */
    setThin: (seconds) => (node.heldBack_s = seconds),
    /** Second 0 of the scripted world, ms since 1970. */
    start_ms: node.start_ms,
    /** Sends an empty picture of the present to the replays, and one of the past to the live pages. */
    crossFrames: () => node.crossFrames(),
    /** Opens one more alert now, as the script's are. */
    raise: (script) => node.open(node.alerts.size, { ...script, after_s: node.now_s() }),
    /** Late data changed an alert, or took its ground away. */
    revise: (match, part) => node.revise(match, part),
    /** Cuts every socket and takes no new one. */
    setDown: (down) => node.setDown(down),
    stop: () => {
      clearInterval(timer);
      for (const client of sockets.clients) client.terminate();
      server.close();
      server.closeAllConnections();
    },
  };
}

class MockNode {
  constructor(person, world) {
    this.person = person;
    /** Tracks at `t` seconds: the scripted world, or another one. */
    this.tracksAt = world;
    this.start_ms = Date.now();
    this.seq = 4_700;
    this.tokens = new Map();
    this.sessions = new Map();
    this.clients = new Set();
    this.alerts = new Map();
    this.drawn = { areas: [], lines: [] };
    this.isSilent = false;
    this.heldBack_s = 0;
    this.replays = new Set();
    this.isDown = false;
    this.tick();
  }

  now_s = () => (Date.now() - this.start_ms) / 1000;
  iso = (t) => new Date(this.start_ms + t * 1000).toISOString();

  newLink(name) {
    const token = randomBytes(24).toString("base64url");
    this.tokens.set(token, name);
    return `${this.base}/enrol#${token}`;
  }

  sessionOf(request) {
    const found = /picket_session=([\w-]+)/.exec(request.headers.cookie ?? "");
    return found ? this.sessions.get(found[1]) : undefined;
  }

  setDown(down) {
    this.isDown = down;
    if (!down) return;
    for (const client of [...this.clients, ...this.replays]) client.terminate();
  }

  joinReplay(client, query) {
    this.replays.add(client);
    client.on("close", () => this.replays.delete(client));
    new MockReplay(this, client, query);
  }

  /** Live frames do not belong on a replay's socket, nor replayed ones on the live one. */
  crossFrames() {
    for (const client of this.replays) client.send(this.frame(KIND.snapshot, Buffer.alloc(0)));
    for (const client of this.clients) client.send(this.frame(KIND.snapshot, Buffer.alloc(0), { at_s: this.start_ms / 1000 - 9_000, flags: 1 }));
  }

  revise(match, part) {
    const alert = [...this.alerts.values()].find(match);
    this.seq += 1;
    const next = { ...alert, ...part, updated_at: new Date().toISOString(), seq: this.seq };
    this.alerts.set(alert.id, next);
    this.tell({ type: "alert", alert: next });
    return next;
  }

  /** Late on a thin link, in order all the same. */
  sendTo(client, frame) {
    if (this.heldBack_s === 0) return client.send(frame);
    setTimeout(() => client.readyState === 1 && client.send(frame), this.heldBack_s * 1000);
  }

  tick() {
    const t = this.now_s();
    for (const [index, script] of SCRIPT.entries()) {
      if (t >= script.after_s && !this.alerts.has(hex(index + 1))) this.open(index, script);
    }
    if (this.isSilent) return;
    for (const client of this.clients) {
      for (const frame of this.trackFrames(KIND.update)) this.sendTo(client, frame);
      this.sendTo(client, this.frame(KIND.heartbeat, Buffer.alloc(0)));
    }
  }

  open(index, script) {
    this.seq += 1;
    const at = this.iso(script.after_s);
    const alert = {
      id: hex(index + 1), detector: script.detector, severity: script.severity, state: "new", title: script.title,
      why_text: script.why_text.replace("{clock}", `${at.slice(11, 19)}Z`),
      why: script.why.map(([text, value, threshold, met], n) => ({ text, value, threshold, met, evidence: met === null ? [] : [hex(90 + n)] })),
      subject: script.track ?? script.title, track: script.track, area: script.area, lat_deg: script.lat_deg, lon_deg: script.lon_deg,
      line: script.line ?? null, revised: script.revised ?? false,
      opened_at: at, updated_at: at, count: index === 2 ? 3 : 1, condition: "active", cites: [hex(70 + index), hex(80 + index)],
      assignee: null, exercise: true, history: [], seq: this.seq,
    };
    this.alerts.set(alert.id, alert);
    this.tell({ type: "alert", alert });
  }

  join(client) {
    this.clients.add(client);
    client.on("close", () => this.clients.delete(client));
    for (const frame of this.trackFrames(KIND.snapshot)) client.send(frame);
    const tracks = this.tracksAt(this.now_s()).map((track) => this.attributesOf(track));
    client.send(this.frame(KIND.attributes, Buffer.from(JSON.stringify({ tracks }))));
    client.send(this.frame(KIND.event, Buffer.from(JSON.stringify({ type: "areas", ...this.allAreas() }))));
    for (const alert of this.alerts.values()) client.send(this.frame(KIND.event, Buffer.from(JSON.stringify({ type: "alert", alert }))));
    for (const device of devicesAt(this.now_s(), this.iso)) client.send(this.frame(KIND.event, Buffer.from(JSON.stringify({ type: "device", device }))));
  }

  attributesOf({ slot, name, kind, affiliation, height_m, altitude_m = null, climb_mps = null, squawk = null }) {
    return { slot, name, kind, affiliation, height_m, altitude_m, climb_mps, squawk };
  }

  tell(event) {
    if (this.isSilent) return;
    for (const client of this.clients) this.sendTo(client, this.frame(KIND.event, Buffer.from(JSON.stringify(event))));
  }

  frame(kind, body, { at_s = Date.now() / 1000, flags = 0 } = {}) {
    const header = Buffer.alloc(24);
    header.write("PCKT", 0, "latin1");
    header.writeUInt8(1, 4);
    header.writeUInt8(kind, 5);
    header.writeUInt16LE(flags, 6);
    header.writeBigUInt64LE(BigInt(this.seq), 8);
    header.writeDoubleLE(at_s, 16);
    return Buffer.concat([header, body]);
  }

  /** One frame for each 16,384 records, as a node sends them; what follows a snapshot's first is an update. */
  trackFrames(kind) {
    const records = this.recordsOf(this.tracksAt(this.now_s()), (track) => this.flagsOf(track));
    const frames = [this.frame(kind, records.subarray(0, FRAME_BYTES))];
    for (let at = FRAME_BYTES; at < records.length; at += FRAME_BYTES) frames.push(this.frame(KIND.update, records.subarray(at, at + FRAME_BYTES)));
    return frames;
  }

  recordsOf(tracks, flagsOf) {
    const body = Buffer.alloc(tracks.length * 20);
    tracks.forEach((track, index) => {
      const at = index * 20;
      body.writeUInt32LE(track.slot, at);
      body.writeInt32LE(Math.round(track.lon_deg * 1e7), at + 4);
      body.writeInt32LE(Math.round(track.lat_deg * 1e7), at + 8);
      body.writeUInt16LE(track.course_deg === null ? 65_535 : Math.round((((track.course_deg % 360) + 360) % 360) * 100), at + 12);
      body.writeUInt16LE(track.speed_mps === null ? 65_535 : Math.round(track.speed_mps * 10), at + 14);
      body.writeUInt16LE(track.symbol, at + 16);
      body.writeUInt8(Math.round(track.confidence * 255), at + 18);
      body.writeUInt8(flagsOf(track), at + 19);
    });
    return body;
  }

  /** The severity bits stand only while an alert of the track is not closed. */
  flagsOf(track) {
    const isOpen = [...this.alerts.values()].some((alert) => alert.track === `T${track.slot}` && alert.state !== "closed");
    return isOpen ? track.flags : track.flags & ~3;
  }

  async answer(request, response) {
    const url = new URL(request.url, "http://localhost");
    if (!url.pathname.startsWith("/api/")) return this.file(url.pathname, response);
    if (this.isDown) return request.socket.destroy();
    const body = await bodyOf(request);
    if (url.pathname === "/api/v1/enrol/redeem") return this.redeem(body, response);
    const person = this.sessionOf(request);
    if (!person) return problem(response, 401, "Not signed in", "Sign in with a one-time link.");
    if (request.method !== "GET" && request.headers["x-picket-csrf"] !== "mock-csrf")
      return problem(response, 403, "Forged request", "The request does not carry this session's anti-forgery value.");
    this.route(request.method, url, body, person, request, response);
  }

  route(method, url, body, person, request, response) {
    const path = url.pathname.replace("/api/v1", "");
    const found = /^\/(tracks|alerts)\/([^/]+)(?:\/(\w+))?$/.exec(path);
    if (path === "/session" && method === "DELETE") {
      this.sessions.delete(/picket_session=([\w-]+)/.exec(request.headers.cookie)[1]);
      return json(response, 200, {});
    }
    if (path === "/session") return json(response, 200, { name: person, roles: ["watch_officer"], expires_at: this.iso(3600) });
    if (path === "/enrol/links") return json(response, 200, { url: this.newLink(person), expires_at: this.iso(this.now_s() + 300) });
    if (path === "/bootstrap") return json(response, 200, this.bootstrap(person));
    if (path === "/alerts") return json(response, 200, { alerts: [...this.alerts.values()].reverse() });
    if (path === "/devices") return json(response, 200, { devices: devicesAt(this.now_s(), this.iso) });
    if (path === "/timeline") return json(response, 200, timeline(this, url.searchParams));
    if (found?.[1] === "tracks" && found[3] === "history") return json(response, 200, history(this, found[2], url.searchParams));
    if (path === "/tracks" && url.searchParams.has("at")) return json(response, 200, { tracks: this.search(url.searchParams.get("q") ?? "", (Date.parse(url.searchParams.get("at")) - this.start_ms) / 1000), seq: this.seq });
    if (path === "/tracks") return json(response, 200, { tracks: this.search(url.searchParams.get("q") ?? ""), seq: this.seq });
    if (found?.[1] === "tracks") return this.track(found[2], response);
    if (path === "/areas") return method === "POST" ? this.draw(body, person, response) : json(response, 200, this.allAreas());
    if (path.startsWith("/areas/") && method === "DELETE") return this.erase(decodeURIComponent(path.slice(7)), response);
    if (found?.[1] === "alerts" && method === "POST") return this.act(found[2], found[3], body, person, response);
    return problem(response, 404, "Not found", `There is nothing at ${url.pathname}.`);
  }

  bootstrap(name) {
    return {
      site: "demo", marking: "EXERCISE UNCLASSIFIED", mode: "EXERCISE", me: { name, roles: ["watch_officer"] }, csrf: "mock-csrf",
      server_time: new Date().toISOString(), home: HOME, symbols: SYMBOLS, labels: { levels: ["open", "restricted"] }, close_reasons: CLOSE_REASONS, ...this.allAreas(),
    };
  }

  redeem(body, response) {
    const name = this.tokens.get(body.token);
    if (!name) return problem(response, 403, "Link refused", "This link was used before, is too old, or was never made here.");
    this.tokens.delete(body.token);
    const session = randomBytes(24).toString("base64url");
    this.sessions.set(session, name);
    response.setHeader("Set-Cookie", `picket_session=${session}; HttpOnly; SameSite=Strict; Path=/`);
    json(response, 200, { name, roles: ["watch_officer"] });
  }

  fullTrack(track, t = this.now_s()) {
    return {
      id: `T${track.slot}`, slot: track.slot, lat_deg: track.lat_deg, lon_deg: track.lon_deg, height_m: track.height_m,
      altitude_m: track.altitude_m ?? null, climb_mps: track.climb_mps ?? null, squawk: track.squawk ?? null,
      speed_mps: track.speed_mps, course_deg: track.course_deg, kind: track.kind, affiliation: track.affiliation, name: track.name,
      state: (track.flags & 4) === 0 ? "live" : "coasting",
      ids: track.mmsi ? [{ kind: "mmsi", value: track.mmsi, claimed_by: "ais-coast" }, { kind: "callsign", value: `VN${track.slot}Q`, claimed_by: "ais-coast" }] : [],
      sources: track.mmsi
        ? [{ author: "ais-coast", sensor: "ais", last_seen: this.iso(t - 3), reports_60s: 12, residual_m: 8.2, auth: "none", record: hex(track.slot) }]
        : [
            { author: "Fence-01", sensor: "fence", last_seen: this.iso(t - 2), reports_60s: 11, residual_m: 3.1, auth: "none", record: hex(track.slot) },
            { author: "Drone Kestrel", sensor: "camera", last_seen: this.iso(t - 1), reports_60s: 55, residual_m: 5.8, auth: "none", record: hex(track.slot + 500) },
          ],
      sigma_m: track.mmsi ? 12 : 6, confidence: track.confidence, class_why: track.mmsi ? "ship type 52 (tug)" : "CoT type a-s-G-U-C-I from Drone Kestrel",
      updated_at: this.iso(t - 1), first_seen: this.iso(-600), updates: 41 + Math.floor(t),
      alerts: [...this.alerts.values()].filter((alert) => alert.track === `T${track.slot}`).map((alert) => alert.id),
      flags: (track.flags & 16) === 0 ? [] : ["simulated"],
    };
  }

  track(id, response) {
    const t = this.now_s();
    const track = this.tracksAt(t).find((each) => `T${each.slot}` === id);
    if (!track) return problem(response, 404, "No such track", `There is no track ${id}.`);
    const trail = [];
    for (let back = 600; back >= 0; back -= 10) {
      const then = this.tracksAt(t - back).find((each) => each.slot === track.slot);
      trail.push([then.lon_deg, then.lat_deg, Date.now() / 1000 - back]);
    }
    json(response, 200, { ...this.fullTrack(track), trail });
  }

  search(q, t = this.now_s()) {
    const wanted = q.toLowerCase();
    return this.tracksAt(t)
      .filter((track) => [track.name ?? "", `t${track.slot}`, track.mmsi ?? ""].some((text) => text.toLowerCase().includes(wanted)))
      .map((track) => this.fullTrack(track, t));
  }

  allAreas() {
    return { areas: [...AREAS, ...this.drawn.areas], lines: [...LINES, ...this.drawn.lines] };
  }

  /** Refuses what a node refuses, in its manner; the words are the mock's own. */
  draw(body, person, response) {
    const places = body.polygon ?? body.line;
    if (!Array.isArray(places) || places.length < (body.polygon ? 3 : 2)) return problem(response, 400, "Not a shape", "An area needs at least three corners, a line two.");
    if (!places.every(([lon, lat]) => Math.abs(lon) <= 180 && Math.abs(lat) <= 90)) return problem(response, 400, "Not a shape", "A corner lies off the Earth.");
    if (AREAS.some(({ name }) => name === body.name)) return problem(response, 409, "Name taken", `“${body.name}” is the name of a configured area; choose another.`);
    this.seq += 1;
    const { name, hours } = body;
    const by = { ...(hours ? { hours } : {}), drawn_by: person, drawn_at: new Date().toISOString() };
    this.forget(name);
    if (body.polygon) this.drawn.areas.push({ name, kind: body.kind, polygon: body.polygon, ...by });
    else this.drawn.lines.push({ name, points: body.line, forbidden: body.forbidden, ...by });
    this.tell({ type: "areas", ...this.allAreas() });
    json(response, 200, { audit_seq: this.seq, audit_hash: hex(this.seq), area: body });
  }

  erase(name, response) {
    if (!this.forget(name)) return problem(response, 404, "No such area", `Nobody drew an area or line called “${name}”.`);
    this.seq += 1;
    this.tell({ type: "areas", ...this.allAreas() });
    json(response, 200, { audit_seq: this.seq, audit_hash: hex(this.seq) });
  }

  forget(name) {
    const before = this.drawn.areas.length + this.drawn.lines.length;
    this.drawn = { areas: this.drawn.areas.filter((area) => area.name !== name), lines: this.drawn.lines.filter((line) => line.name !== name) };
    return this.drawn.areas.length + this.drawn.lines.length < before;
  }

  act(id, verb, body, actor, response) {
    const alert = this.alerts.get(id);
    if (!alert) return problem(response, 404, "No such alert", "There is no such alert.");
    const last = alert.history.at(-1);
    const isLate = verb === "acknowledge" ? alert.state !== "new" : alert.state === "closed";
    if (isLate) return problem(response, 409, "Already done", `${last?.actor} already ${alert.state} this alert at ${last?.at.slice(11, 19)}Z.`);
    if (verb === "shelve" && alert.severity === "critical") return problem(response, 403, "Refused", "Only a supervisor may shelve a critical alert.");
    this.seq += 1;
    const at = new Date().toISOString();
    const state = { acknowledge: "acknowledged", close: "closed", shelve: "shelved" }[verb] ?? alert.state;
    const next = { ...alert, state, assignee: actor, updated_at: at, ...(verb === "shelve" ? { shelved_until: body.until } : {}), seq: this.seq, history: [...alert.history, { at, actor, act: verb, reason: body.reason ?? body.text ?? "", seq: this.seq }] };
    this.alerts.set(id, next);
    this.tell({ type: "alert", alert: next });
    json(response, 200, { audit_seq: this.seq, audit_hash: hex(this.seq), alert: next });
  }

  async file(path, response) {
    response.setHeader("Content-Security-Policy", CSP);
    response.setHeader("X-Content-Type-Options", "nosniff");
    const name = path === "/" || path === "/enrol" ? "/index.html" : normalize(path);
    try {
      const bytes = await readFile(join(DIST, name));
      response.writeHead(200, { "Content-Type": TYPES[extname(name)] ?? "application/octet-stream" });
      response.end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  }
}

function json(response, status, value, type = "application/json") {
  response.writeHead(status, { "Content-Type": type, "Cache-Control": "no-store" });
  response.end(JSON.stringify(value));
}

const problem = (response, status, title, detail) => json(response, status, { type: "about:blank", title, status, detail }, "application/problem+json");

async function bodyOf(request) {
  let raw = "";
  for await (const part of request) raw += part;
  return raw === "" ? {} : JSON.parse(raw);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const mock = await startMock({ port: Number(process.env.PORT ?? 0) });
  console.log(mock.signInUrl());
}
