/**
 * Writes a PMTiles archive: gzip tiles in Hilbert order, equal tiles stored
 * once, one root directory without leaves.
 *
 * Standard: PMTiles version 3, sections 3 (header), 4 (directories).
 */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { zxyToTileId } from "pmtiles";

const HEADER_BYTES = 127;
/** The root directory must lie in the first 16 KiB of the archive. */
const ROOT_BYTES_MAX = 16_384 - HEADER_BYTES;
const COMPRESSION_GZIP = 2;
const TILE_TYPE_MVT = 1;

/** `tiles`: `{z, x, y, bytes}` with plain MVT bytes; answers the whole archive. */
export function writePmtiles(tiles, metadata, { minZoom, maxZoom }) {
  const ordered = tiles.map((tile) => ({ id: zxyToTileId(tile.z, tile.x, tile.y), bytes: tile.bytes })).sort((a, b) => a.id - b.id);
  const { entries, data, contents } = storeOnce(ordered);
  const root = zip(directory(entries));
  if (root.length > ROOT_BYTES_MAX) throw new Error(`the root directory takes ${root.length} bytes; this writer makes no leaves`);
  const meta = zip(Buffer.from(JSON.stringify(metadata)));
  const header = headerBytes({ root, meta, data, minZoom, maxZoom, addressed: ordered.length, entries: entries.length, contents });
  return Buffer.concat([header, root, meta, data]);
}

/** Deflate at its best, no time stamp: the same bytes from the same zlib. */
const zip = (bytes) => gzipSync(bytes, { level: 9 });

function storeOnce(ordered) {
  const known = new Map();
  const parts = [];
  const entries = [];
  let offset = 0;
  for (const { id, bytes } of ordered) {
    const key = createHash("sha256").update(bytes).digest("hex");
    let place = known.get(key);
    if (!place) {
      const zipped = zip(bytes);
      place = { offset, length: zipped.length };
      known.set(key, place);
      parts.push(zipped);
      offset += zipped.length;
    }
    const last = entries.at(-1);
    const continues = last && last.offset === place.offset && last.id + last.run === id;
    if (continues) last.run += 1;
    else entries.push({ id, run: 1, ...place });
  }
  return { entries, data: Buffer.concat(parts), contents: known.size };
}

/** Columns of varints: ids as differences, runs, lengths, offsets (0: follows the one before). */
function directory(entries) {
  const out = [];
  varint(out, entries.length);
  entries.forEach((entry, i) => varint(out, entry.id - (entries[i - 1]?.id ?? 0)));
  for (const entry of entries) varint(out, entry.run);
  for (const entry of entries) varint(out, entry.length);
  entries.forEach((entry, i) => {
    const before = entries[i - 1];
    varint(out, before && before.offset + before.length === entry.offset ? 0 : entry.offset + 1);
  });
  return Buffer.from(out);
}

function varint(out, value) {
  let left = value;
  while (left >= 0x80) {
    out.push((left % 0x80) | 0x80);
    left = Math.floor(left / 0x80);
  }
  out.push(left);
}

function headerBytes({ root, meta, data, minZoom, maxZoom, addressed, entries, contents }) {
  const header = Buffer.alloc(HEADER_BYTES);
  const metaAt = HEADER_BYTES + root.length;
  const dataAt = metaAt + meta.length;
  header.write("PMTiles", 0, "latin1");
  header.writeUInt8(3, 7);
  [HEADER_BYTES, root.length, metaAt, meta.length, dataAt, 0, dataAt, data.length, addressed, entries, contents].forEach((value, i) =>
    header.writeBigUInt64LE(BigInt(value), 8 + i * 8),
  );
  header.writeUInt8(1, 96); // clustered: tile data lies in the order of the ids
  header.writeUInt8(COMPRESSION_GZIP, 97);
  header.writeUInt8(COMPRESSION_GZIP, 98);
  header.writeUInt8(TILE_TYPE_MVT, 99);
  header.writeUInt8(minZoom, 100);
  header.writeUInt8(maxZoom, 101);
  [-180, -85, 180, 85].forEach((deg, i) => header.writeInt32LE(deg * 1e7, 102 + i * 4));
  header.writeUInt8(minZoom, 118);
  return header;
}
