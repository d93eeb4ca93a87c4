/**
 * Military Grid Reference System, from WGS 84 degrees to 1 m.
 *
 * UTM by Krüger's series to third order in n (Karney 2011, "Transverse Mercator
 * with an accuracy of a few nanometers"; three terms leave well under 1 mm
 * inside a zone). The polar grid (UPS) is left out: `undefined` beyond 84° N
 * and 80° S.
 *
 * Standard: NGA.STND.0037_2.0.0_GRIDS, chapters 2 and 3.
 */

const A_M = 6_378_137;
const F = 1 / 298.257223563;
const K0 = 0.9996;
const N = F / (2 - F);
const RECTIFYING_M = (A_M / (1 + N)) * (1 + N ** 2 / 4 + N ** 4 / 64);
const ALPHA = [
  N / 2 - (2 / 3) * N ** 2 + (5 / 16) * N ** 3,
  (13 / 48) * N ** 2 - (3 / 5) * N ** 3,
  (61 / 240) * N ** 3,
];
const BETA = [
  N / 2 - (2 / 3) * N ** 2 + (37 / 96) * N ** 3,
  (1 / 48) * N ** 2 + (1 / 15) * N ** 3,
  (17 / 480) * N ** 3,
];
const BANDS = "CDEFGHJKLMNPQRSTUVWX";
const COLUMNS = ["ABCDEFGH", "JKLMNPQR", "STUVWXYZ"];
const ROWS = "ABCDEFGHJKLMNPQRSTUV";

/** `56KKU 25345 65432`, truncated to the metre as the standard asks. */
export function mgrs(lat_deg: number, lon_deg: number): string | undefined {
  if (!(lat_deg >= -80 && lat_deg <= 84)) return undefined;
  const zone = zoneOf(lat_deg, lon_deg);
  const { easting_m, northing_m: north_m } = project(lat_deg, lon_deg, zone);
  const northing_m = north_m + (lat_deg < 0 ? 10_000_000 : 0);
  const band = BANDS[Math.min(19, Math.floor((lat_deg + 80) / 8))] ?? "";
  const column = COLUMNS[(zone - 1) % 3]?.[Math.floor(easting_m / 100_000) - 1] ?? "";
  const shift = zone % 2 === 0 ? 5 : 0;
  const row = ROWS[(Math.floor(northing_m / 100_000) + shift) % 20] ?? "";
  return `${String(zone).padStart(2, "0")}${band}${column}${row} ${five(easting_m)} ${five(northing_m)}`;
}

/**
 * Degrees of a reference, at the middle of its square; `undefined` if it names
 * none. Digits may be 0 to 10, in pairs. Spaces do not count.
 */
export function fromMgrs(text: string): [lon_deg: number, lat_deg: number] | undefined {
  const found = /^(\d{1,2})([C-HJ-NP-X])([A-HJ-NP-Z])([A-HJ-NP-V])(\d{0,10})$/.exec(text.toUpperCase().replace(/\s+/g, ""));
  if (!found) return undefined;
  const [, zoneText = "", band = "", column = "", row = "", digits = ""] = found;
  const zone = Number(zoneText);
  const columnAt = (COLUMNS[(zone - 1) % 3] ?? "").indexOf(column);
  const rowAt = ROWS.indexOf(row);
  if (zone < 1 || zone > 60 || columnAt < 0 || rowAt < 0 || digits.length % 2 !== 0) return undefined;
  const half = digits.length / 2;
  const unit_m = 100_000 / 10 ** half;
  const easting_m = (columnAt + 1) * 100_000 + (Number(digits.slice(0, half)) + 0.5) * unit_m;
  const within_m = ((rowAt - (zone % 2 === 0 ? 5 : 0) + 20) % 20) * 100_000 + (Number(digits.slice(half)) + 0.5) * unit_m;
  const south_deg = BANDS.indexOf(band) * 8 - 80;
  // Rows repeat every 2,000 km, a band is 900 km high: the row whose latitude lies in the band.
  for (let northing_m = within_m; northing_m < 10_000_000; northing_m += 2_000_000) {
    const [lon, lat] = unproject(easting_m, northing_m - (south_deg < 0 ? 10_000_000 : 0), zone);
    const isInBand = lat >= south_deg - EDGE_DEG && lat < south_deg + (band === "X" ? 12 : 8) + EDGE_DEG;
    if (isInBand && Math.abs(lon - (zone * 6 - 183)) < 12) return [lon, lat];
  }
  return undefined;
}

/** A square may reach over its band's edge. */
const EDGE_DEG = 1;

/** Inverse of `project`, `[lon, lat]` in degrees; the series' inverse coefficients to third order. */
export function unproject(easting_m: number, northing_m: number, zone: number): [number, number] {
  const y = northing_m / (K0 * RECTIFYING_M);
  const x = (easting_m - 500_000) / (K0 * RECTIFYING_M);
  let xi = y;
  let eta = x;
  BETA.forEach((beta, index) => {
    const j = 2 * (index + 1);
    xi -= beta * Math.sin(j * y) * Math.cosh(j * x);
    eta -= beta * Math.cos(j * y) * Math.sinh(j * x);
  });
  const conformal = Math.asin(Math.sin(xi) / Math.cosh(eta));
  const e = Math.sqrt(F * (2 - F));
  const goal = Math.asinh(Math.tan(conformal));
  let lat = conformal;
  // Each pass gains more than two digits; five leave nothing to gain.
  for (let pass = 0; pass < 5; pass += 1) lat = Math.atan(Math.sinh(goal + e * Math.atanh(e * Math.sin(lat))));
  const dLon = Math.atan2(Math.sinh(eta), Math.cos(xi));
  return [zone * 6 - 183 + (dLon * 180) / Math.PI, (lat * 180) / Math.PI];
}

/** The zone with Norway's and Svalbard's exceptions. */
function zoneOf(lat_deg: number, lon_deg: number): number {
  const lon = ((((lon_deg + 180) % 360) + 360) % 360) - 180;
  if (lat_deg >= 56 && lat_deg < 64 && lon >= 3 && lon < 12) return 32;
  if (lat_deg >= 72 && lon >= 0 && lon < 42) return lon < 9 ? 31 : lon < 21 ? 33 : lon < 33 ? 35 : 37;
  return Math.min(60, Math.floor((lon + 180) / 6) + 1);
}

/** Transverse Mercator of a zone (UTM), m; northings are below zero in the south. */
export function project(lat_deg: number, lon_deg: number, zone: number): { easting_m: number; northing_m: number } {
  const e = Math.sqrt(F * (2 - F));
  const lat = (lat_deg * Math.PI) / 180;
  const dLon = ((lon_deg - (zone * 6 - 183)) * Math.PI) / 180;
  const t = Math.sinh(Math.atanh(Math.sin(lat)) - e * Math.atanh(e * Math.sin(lat)));
  const xi = Math.atan2(t, Math.cos(dLon));
  const eta = Math.asinh(Math.sin(dLon) / Math.hypot(t, Math.cos(dLon)));
  let x = eta;
  let y = xi;
  ALPHA.forEach((alpha, index) => {
    const j = 2 * (index + 1);
    x += alpha * Math.cos(j * xi) * Math.sinh(j * eta);
    y += alpha * Math.sin(j * xi) * Math.cosh(j * eta);
  });
  return {
    easting_m: 500_000 + K0 * RECTIFYING_M * x,
    northing_m: K0 * RECTIFYING_M * y,
  };
}

const five = (metres: number): string => String(Math.floor(metres % 100_000)).padStart(5, "0");
