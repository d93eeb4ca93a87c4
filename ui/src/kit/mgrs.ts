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
const BANDS = "CDEFGHJKLMNPQRSTUVWX";
const COLUMNS = ["ABCDEFGH", "JKLMNPQR", "STUVWXYZ"];
const ROWS = "ABCDEFGHJKLMNPQRSTUV";

/** `56KKU 25345 65432`, truncated to the metre as the standard asks. */
export function mgrs(lat_deg: number, lon_deg: number): string | undefined {
  if (!(lat_deg >= -80 && lat_deg <= 84)) return undefined;
  const zone = zoneOf(lat_deg, lon_deg);
  const { easting_m, northing_m } = utm(lat_deg, lon_deg, zone);
  const band = BANDS[Math.min(19, Math.floor((lat_deg + 80) / 8))] ?? "";
  const column = COLUMNS[(zone - 1) % 3]?.[Math.floor(easting_m / 100_000) - 1] ?? "";
  const shift = zone % 2 === 0 ? 5 : 0;
  const row = ROWS[(Math.floor(northing_m / 100_000) + shift) % 20] ?? "";
  return `${String(zone).padStart(2, "0")}${band}${column}${row} ${five(easting_m)} ${five(northing_m)}`;
}

/** The zone with Norway's and Svalbard's exceptions. */
function zoneOf(lat_deg: number, lon_deg: number): number {
  const lon = ((((lon_deg + 180) % 360) + 360) % 360) - 180;
  if (lat_deg >= 56 && lat_deg < 64 && lon >= 3 && lon < 12) return 32;
  if (lat_deg >= 72 && lon >= 0 && lon < 42) return lon < 9 ? 31 : lon < 21 ? 33 : lon < 33 ? 35 : 37;
  return Math.min(60, Math.floor((lon + 180) / 6) + 1);
}

function utm(lat_deg: number, lon_deg: number, zone: number): { easting_m: number; northing_m: number } {
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
    northing_m: (lat_deg < 0 ? 10_000_000 : 0) + K0 * RECTIFYING_M * y,
  };
}

const five = (metres: number): string => String(Math.floor(metres % 100_000)).padStart(5, "0");
