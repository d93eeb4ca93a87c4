/**
 * Reads the polygons of one layer of a Mapbox vector tile, for the map that
 * has no WebGL2. Damaged bytes give fewer rings, never an error.
 *
 * Standard: Mapbox Vector Tile 2.1, section 4 (protocol buffer encoding).
 */

/** Points from 0 to 1 across the tile, y down. */
export type Ring = [number, number][];

const TILE_LAYERS = 3;
const LAYER = { name: 1, features: 2, extent: 5 } as const;
const FEATURE_GEOMETRY = 4;
const COMMAND = { moveTo: 1, lineTo: 2 } as const;

export function polygons(tile: DataView, layerName: string): Ring[] {
  const rings: Ring[] = [];
  for (const [field, layer] of messages(tile)) {
    if (field !== TILE_LAYERS) continue;
    const parts = [...messages(layer)];
    const name = parts.find(([part]) => part === LAYER.name)?.[1];
    if (!name || text(name) !== layerName) continue;
    const extent = numberField(layer, LAYER.extent) ?? 4096;
    for (const [part, feature] of parts) {
      if (part !== LAYER.features) continue;
      for (const [inner, geometry] of messages(feature)) {
        if (inner === FEATURE_GEOMETRY) rings.push(...ringsOf(geometry, extent));
      }
    }
  }
  return rings;
}

function ringsOf(geometry: DataView, extent: number): Ring[] {
  const rings: Ring[] = [];
  const cursor = { at: 0 };
  let [x, y] = [0, 0];
  let ring: Ring = [];
  while (cursor.at < geometry.byteLength) {
    const command = varint(geometry, cursor);
    const id = command & 7;
    if (id !== COMMAND.moveTo && id !== COMMAND.lineTo) continue;
    for (let left = command >>> 3; left > 0 && cursor.at < geometry.byteLength; left -= 1) {
      x += zigzag(varint(geometry, cursor));
      y += zigzag(varint(geometry, cursor));
      if (id === COMMAND.moveTo) {
        ring = [];
        rings.push(ring);
      }
      ring.push([x / extent, y / extent]);
    }
  }
  return rings;
}

/** The length-delimited fields of a message, each as a view of its bytes. */
function* messages(view: DataView): Generator<[number, DataView]> {
  const cursor = { at: 0 };
  while (cursor.at < view.byteLength) {
    const key = varint(view, cursor);
    if ((key & 7) === 2) {
      const length = Math.min(varint(view, cursor), view.byteLength - cursor.at);
      yield [key >>> 3, new DataView(view.buffer, view.byteOffset + cursor.at, length)];
      cursor.at += length;
    } else {
      skip(view, cursor, key & 7);
    }
  }
}

function numberField(view: DataView, wanted: number): number | undefined {
  const cursor = { at: 0 };
  while (cursor.at < view.byteLength) {
    const key = varint(view, cursor);
    if (key === wanted << 3) return varint(view, cursor);
    if ((key & 7) === 2) cursor.at += varint(view, cursor);
    else skip(view, cursor, key & 7);
  }
  return undefined;
}

function skip(view: DataView, cursor: { at: number }, wire: number): void {
  if (wire === 0) varint(view, cursor);
  else cursor.at += wire === 1 ? 8 : wire === 5 ? 4 : view.byteLength;
}

function varint(view: DataView, cursor: { at: number }): number {
  let value = 0;
  for (let shift = 0; shift < 35 && cursor.at < view.byteLength; shift += 7) {
    const byte = view.getUint8(cursor.at);
    cursor.at += 1;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  return value;
}

const zigzag = (n: number): number => (n % 2 === 0 ? n / 2 : -(n + 1) / 2);

const text = (view: DataView): string => new TextDecoder().decode(view);
