/** Numbers and times as the page writes them: UTC with Z, metres, knots, degrees. */

const KNOTS = 1.943844;

const pad = (n: number, width = 2): string => String(Math.floor(n)).padStart(width, "0");

/** `03:04:05Z`. */
export function clockText(at_ms: number): string {
  const d = new Date(at_ms);
  return `${pad(d.getUTCHours())}:${pad(d.getUTCMinutes())}:${pad(d.getUTCSeconds())}Z`;
}

/** `2026-01-02`. */
export const dateText = (at_ms: number): string => new Date(at_ms).toISOString().slice(0, 10);

/** The person's own time, for hover. */
export const localText = (at: string): string => new Date(at).toLocaleString();

/** `mm:ss`, or `h:mm:ss` from an hour on. Never negative. */
export function ageText(from: string, now_ms: number): string {
  const s = Math.max(0, Math.floor((now_ms - Date.parse(from)) / 1000));
  const clock = `${pad((s % 3600) / 60)}:${pad(s % 60)}`;
  return s < 3600 ? clock : `${Math.floor(s / 3600)}:${clock}`;
}

/** `4 s`, `3 min`, `2 h`: an age at a glance. */
export function agoText(from: string | null, now_ms: number): string {
  if (from === null) return "never";
  const s = Math.max(0, Math.floor((now_ms - Date.parse(from)) / 1000));
  if (s < 120) return `${s} s`;
  if (s < 7200) return `${Math.floor(s / 60)} min`;
  return `${Math.floor(s / 3600)} h`;
}

/** `23° 50.123′ S 151° 15.456′ E`. */
export function positionText(lat_deg: number, lon_deg: number): string {
  return `${angle(lat_deg, "N", "S", 2)} ${angle(lon_deg, "E", "W", 3)}`;
}

function angle(deg: number, positive: string, negative: string, width: number): string {
  const thousandths = Math.round(Math.abs(deg) * 60_000);
  const whole = Math.floor(thousandths / 60_000);
  const minutes = (thousandths % 60_000) / 1000;
  return `${pad(whole, width)}° ${minutes.toFixed(3).padStart(6, "0")}′ ${deg < 0 ? negative : positive}`;
}

export const speedText = (mps: number | null): string =>
  mps === null ? "unknown" : `${(mps * KNOTS).toFixed(1)} kn (${mps.toFixed(1)} m/s)`;

export const knotsText = (mps: number | null): string => (mps === null ? "–" : `${(mps * KNOTS).toFixed(1)} kn`);

export const courseText = (deg: number | null): string =>
  deg === null ? "unknown" : `${pad(Math.round(deg) % 360, 3)}°`;

export const metresText = (m: number | null): string => (m === null ? "unknown" : `${Math.round(m)} m`);

const FEET_M = 0.3048;
const thousands = (n: number): string => String(Math.abs(Math.round(n))).replace(/\B(?=(\d{3})+$)/g, ",");

/** `12,000 ft (3,658 m)`; a minus before both where it is below. */
export const altitudeText = (m: number): string => {
  const sign = m < 0 ? "−" : "";
  return `${sign}${thousands(m / FEET_M)} ft (${sign}${thousands(m)} m)`;
};

/** `+1,181 ft/min (6.0 m/s)`, rounded to what a transponder can tell. */
export function climbText(mps: number): string {
  const ft_min = (mps / FEET_M) * 60;
  const sign = Math.round(ft_min) === 0 ? "" : ft_min < 0 ? "−" : "+";
  return `${sign}${thousands(ft_min)} ft/min (${sign}${Math.abs(mps).toFixed(1)} m/s)`;
}

/** First characters of a hex id: enough to tell records apart by eye. */
export const shortId = (id: string): string => id.slice(0, 10);

/** `AB` of `anna-berg`, `O1` of `officer-1`. */
export function initials(name: string): string {
  const parts = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  return parts.map((part) => part[0] ?? "").join("").slice(0, 2).toUpperCase();
}
