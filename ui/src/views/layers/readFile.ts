/**
 * Reads GeoJSON, KML and GPX into points, lines and outlines. The bytes are a
 * stranger's: size and number are bounded, XML goes through the browser's own
 * parser, which loads nothing from outside, and a document type is refused.
 */
import type { LonLat } from "../../api/types";
import type { Feature } from "../../map/marks";

export const FILE_BYTES_MAX = 2_000_000;
export const FEATURES_MAX = 5_000;
export const PLACES_MAX = 50_000;
const NAME_MAX = 80;
/** Nested collections deeper than this are no map. */
const DEPTH_MAX = 8;

/** Things of a file, or a sentence that says why there are none. */
export function readFile(name: string, text: string): Feature[] | string {
  if (text.length > FILE_BYTES_MAX) return `${name} is larger than ${FILE_BYTES_MAX / 1_000_000} MB.`;
  const sink = new Sink();
  try {
    const start = text.trimStart();
    if (start.startsWith("{")) readGeoJson(JSON.parse(text), sink, 0);
    else if (start.startsWith("<")) readXml(text, sink);
    else return `${name} is none of GeoJSON, KML and GPX.`;
  } catch (error) {
    if (error instanceof TooMuch) return `${name} holds more than ${error.message}.`;
    return `${name} cannot be read: ${error instanceof Error ? error.message : "it is not well formed"}.`;
  }
  return sink.features.length > 0 ? sink.features : `${name} holds no point, line or area on the Earth.`;
}

class TooMuch extends Error {}

class Sink {
  readonly features: Feature[] = [];
  #places = 0;

  add(kind: Feature["kind"], name: string, places: LonLat[]): void {
    if (places.length < { point: 1, line: 2, polygon: 3 }[kind]) return;
    this.#places += places.length;
    if (this.features.length >= FEATURES_MAX) throw new TooMuch(`${FEATURES_MAX} things`);
    if (this.#places > PLACES_MAX) throw new TooMuch(`${PLACES_MAX} places`);
    this.features.push({ kind, name: name.trim().slice(0, NAME_MAX), places });
  }
}

function readGeoJson(value: unknown, sink: Sink, depth: number, name = ""): void {
  if (depth > DEPTH_MAX || typeof value !== "object" || value === null) return;
  const node = value as Record<string, unknown>;
  switch (node["type"]) {
    case "FeatureCollection":
      for (const feature of list(node["features"])) readGeoJson(feature, sink, depth + 1);
      return;
    case "Feature":
      readGeoJson(node["geometry"], sink, depth + 1, nameOf(node["properties"]));
      return;
    case "GeometryCollection":
      for (const geometry of list(node["geometries"])) readGeoJson(geometry, sink, depth + 1, name);
      return;
    case "Point":
      sink.add("point", name, [node["coordinates"]].flatMap(place));
      return;
    case "MultiPoint":
      for (const at of list(node["coordinates"])) sink.add("point", name, place(at));
      return;
    case "LineString":
      sink.add("line", name, list(node["coordinates"]).flatMap(place));
      return;
    case "MultiLineString":
      for (const line of list(node["coordinates"])) sink.add("line", name, list(line).flatMap(place));
      return;
    case "Polygon":
      for (const ring of list(node["coordinates"])) sink.add("polygon", name, list(ring).flatMap(place));
      return;
    case "MultiPolygon":
      for (const polygon of list(node["coordinates"])) {
        for (const ring of list(polygon)) sink.add("polygon", name, list(ring).flatMap(place));
      }
      return;
    default:
  }
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** A place on the Earth, or nothing: a bad one is left out, not guessed. */
function place(value: unknown): LonLat[] {
  const [lon, lat] = list(value);
  return onEarth(Number(lon ?? NaN), Number(lat ?? NaN));
}

const onEarth = (lon: number, lat: number): LonLat[] => (Math.abs(lon) <= 180 && Math.abs(lat) <= 90 ? [[lon, lat]] : []);

function nameOf(properties: unknown): string {
  if (typeof properties !== "object" || properties === null) return "";
  const found = properties as Record<string, unknown>;
  const name = found["name"] ?? found["Name"] ?? found["title"];
  return typeof name === "string" || typeof name === "number" ? String(name) : "";
}

function readXml(text: string, sink: Sink): void {
  if (/<!DOCTYPE/i.test(text)) throw new Error("a document type is not taken");
  const xml = new DOMParser().parseFromString(text, "application/xml");
  if (xml.querySelector("parsererror")) throw new Error("it is not well formed");
  const root = xml.documentElement.localName;
  if (root === "gpx") readGpx(xml, sink);
  else if (root === "kml") readKml(xml, sink);
  else throw new Error(`it is ${root}, not KML or GPX`);
}

const all = (node: Document | Element, name: string): Element[] => [...node.getElementsByTagNameNS("*", name)];
const child = (node: Element, name: string): string => [...node.children].find((each) => each.localName === name)?.textContent ?? "";

function readGpx(xml: Document, sink: Sink): void {
  const at = (point: Element): LonLat[] => onEarth(attribute(point, "lon"), attribute(point, "lat"));
  for (const point of all(xml, "wpt")) sink.add("point", child(point, "name"), at(point));
  for (const route of all(xml, "rte")) sink.add("line", child(route, "name"), all(route, "rtept").flatMap(at));
  for (const track of all(xml, "trk")) {
    for (const segment of all(track, "trkseg")) sink.add("line", child(track, "name"), all(segment, "trkpt").flatMap(at));
  }
}

function attribute(node: Element, name: string): number {
  const text = node.getAttribute(name);
  return text === null || text.trim() === "" ? NaN : Number(text);
}

function readKml(xml: Document, sink: Sink): void {
  for (const mark of all(xml, "Placemark")) {
    const name = child(mark, "name");
    for (const point of all(mark, "Point")) sink.add("point", name, coordinates(point));
    for (const line of all(mark, "LineString")) sink.add("line", name, coordinates(line));
    for (const polygon of all(mark, "Polygon")) {
      for (const ring of all(polygon, "LinearRing")) sink.add("polygon", name, coordinates(ring));
    }
  }
}

function coordinates(node: Element): LonLat[] {
  const text = child(node, "coordinates");
  return text.trim().split(/\s+/).flatMap((tuple) => {
    const [lon = "", lat = ""] = tuple.split(",");
    return lon === "" || lat === "" ? [] : onEarth(Number(lon), Number(lat));
  });
}
