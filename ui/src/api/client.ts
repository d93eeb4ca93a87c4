/**
 * Calls to the node: JSON in, JSON out, every failure a `Problem` with a
 * sentence for people. No state but the anti-forgery value.
 */
import type { ActAnswer, Alert, Area, AreaAnswer, Bootstrap, Device, Drawn, Line, Person, TimelineAnswer, Track, TrackHistory, Verdict } from "./types";

/** A refused or failed request; `status` is 0 when no answer came at all. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    detail: string,
  ) {
    super(detail);
  }
}

let csrf = "";
let onSignedOut: () => void = () => {};

/** Calls `listener` whenever an answer says that the session is over. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

export const api = {
  session: () => get<Person & { expires_at: string }>("/api/v1/session"),
  redeem: (token: string) => send<Person>("POST", "/api/v1/enrol/redeem", { token }),
  signOut: () => send<void>("DELETE", "/api/v1/session"),
  newLink: () => send<{ url: string; expires_at: string }>("POST", "/api/v1/enrol/links", {}),
  bootstrap: async (): Promise<Bootstrap> => {
    const answer = await get<Bootstrap>("/api/v1/bootstrap");
    csrf = answer.csrf;
    return answer;
  },
  track: (id: string) => get<Track>(`/api/v1/tracks/${encodeURIComponent(id)}`),
  searchTracks: (q: string) =>
    get<{ tracks: Track[]; seq: number }>(`/api/v1/tracks?q=${encodeURIComponent(q)}`),
  alerts: () => get<{ alerts: Alert[] }>("/api/v1/alerts"),
  devices: () => get<{ devices: Device[] }>("/api/v1/devices"),
  acknowledge: (id: string) => act(id, "acknowledge", { reason: "" }),
  close: (id: string, reason: string) => act(id, "close", { reason }),
  note: (id: string, text: string) => act(id, "note", { text }),
  shelve: (id: string, reason: string, until: string) => act(id, "shelve", { reason, until }),
  assess: (id: string, verdict: Verdict, reason: string) => act(id, "assess", { verdict, reason }),
  /** Tracks as the picture stood at a second; `q` as in `searchTracks`. */
  tracksAt: (at_ms: number, q: string) => get<{ tracks: Track[] }>(`/api/v1/tracks?at=${iso(at_ms)}&q=${encodeURIComponent(q)}`),
  history: (id: string, from_ms: number, to_ms: number, limit: number) =>
    get<TrackHistory>(`/api/v1/tracks/${encodeURIComponent(id)}/history?from=${iso(from_ms)}&to=${iso(to_ms)}&limit=${limit}`),
  timeline: (from_ms: number, to_ms: number, bins: number) =>
    get<TimelineAnswer>(`/api/v1/timeline?from=${iso(from_ms)}&to=${iso(to_ms)}&bins=${bins}`),
  tracks: () => get<{ tracks: Track[]; more?: boolean }>("/api/v1/tracks"),
  areas: () => get<{ areas: Area[]; lines: Line[] }>("/api/v1/areas"),
  draw: (drawn: Drawn) => send<AreaAnswer>("POST", "/api/v1/areas", drawn),
  eraseArea: (name: string, reason: string) =>
    send<AreaAnswer>("DELETE", `/api/v1/areas/${encodeURIComponent(name)}?reason=${encodeURIComponent(reason)}`),
};

const iso = (at_ms: number): string => encodeURIComponent(new Date(at_ms).toISOString());

function act(id: string, verb: string, body: object): Promise<ActAnswer> {
  return send<ActAnswer>("POST", `/api/v1/alerts/${encodeURIComponent(id)}/${verb}`, body);
}

function get<T>(path: string): Promise<T> {
  return request<T>(path, { method: "GET" });
}

function send<T>(method: string, path: string, body?: object): Promise<T> {
  const headers: Record<string, string> = { "X-Picket-CSRF": csrf };
  if (body === undefined) return request<T>(path, { method, headers });
  headers["Content-Type"] = "application/json";
  return request<T>(path, { method, headers, body: JSON.stringify(body) });
}

async function request<T>(path: string, init: RequestInit): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(path, { ...init, cache: "no-store", credentials: "same-origin" });
  } catch {
    throw new Problem(0, "No answer", "The node did not answer. Nothing was changed as far as this page knows.");
  }
  if (answer.ok) return (answer.status === 204 ? undefined : await body(answer)) as T;
  const problem = await body(answer);
  if (answer.status === 401) onSignedOut();
  throw new Problem(
    answer.status,
    text(problem, "title") ?? answer.statusText,
    text(problem, "detail") ?? `The node refused this (${answer.status}).`,
  );
}

async function body(answer: Response): Promise<unknown> {
  const raw = await answer.text();
  if (raw === "") return undefined;
  try {
    return JSON.parse(raw);
  } catch {
    return undefined;
  }
}

function text(value: unknown, key: string): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const found = (value as Record<string, unknown>)[key];
  return typeof found === "string" && found !== "" ? found : undefined;
}
