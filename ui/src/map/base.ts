/**
 * The base map as a MapLibre style: land, borders and places from the one file
 * that the node serves. The file is read whole, once: it needs no range
 * requests, and the map goes on working while the link is down.
 */
import type { StyleSpecification } from "maplibre-gl";
import { PMTiles, type RangeResponse, type Source } from "pmtiles";
import { palette } from "./palette";

const WORLD = "/world.pmtiles";

class WholeFile implements Source {
  #bytes: Promise<ArrayBuffer> | undefined;

  getKey(): string {
    return "world";
  }

  async getBytes(offset: number, length: number): Promise<RangeResponse> {
    this.#bytes ??= this.#read();
    return { data: (await this.#bytes).slice(offset, offset + length) };
  }

  async #read(): Promise<ArrayBuffer> {
    const answer = await fetch(WORLD);
    if (!answer.ok) throw new Error(`the base map did not load (${answer.status})`);
    return answer.arrayBuffer();
  }
}

export const world = new PMTiles(new WholeFile());

/** Places get smaller type with each rank, and quieter ink. */
export function baseStyle(): StyleSpecification {
  return {
    version: 8,
    sources: {
      world: { type: "vector", url: "pmtiles://world" },
    },
    layers: [
      { id: "water", type: "background", paint: { "background-color": palette.water } },
      { id: "land", type: "fill", source: "world", "source-layer": "land", paint: { "fill-color": palette.land, "fill-antialias": false } },
      {
        id: "coast",
        type: "line",
        source: "world",
        "source-layer": "land",
        paint: { "line-color": palette.coast, "line-width": ["interpolate", ["linear"], ["zoom"], 0, 0.4, 8, 1.2] },
      },
      {
        id: "borders",
        type: "line",
        source: "world",
        "source-layer": "borders",
        paint: { "line-color": palette.edge, "line-width": 0.8, "line-dasharray": [4, 3], "line-opacity": 0.7 },
      },
      {
        id: "places",
        type: "symbol",
        source: "world",
        "source-layer": "places",
        layout: {
          "text-field": ["get", "n"],
          "text-font": ["Noto Sans"],
          "text-size": ["interpolate", ["linear"], ["get", "r"], 0, 13, 6, 11],
          "text-anchor": "bottom",
          "text-padding": 12,
          "symbol-sort-key": ["get", "r"],
          "text-max-width": 8,
        },
        paint: { "text-color": palette.fg3, "text-halo-color": palette.bg0, "text-halo-width": 1.2 },
      },
    ],
  };
}
