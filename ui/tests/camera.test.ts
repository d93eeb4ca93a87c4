import { expect, it } from "vitest";
import { boxOf, type Camera, lonLatToPixel, scaleOf, toLonLat, zoomFor, zoomOf } from "../src/map/camera";
import { mercatorX, mercatorY } from "../src/live/instances";

const camera = (lon: number, lat: number, zoom: number): Camera => ({
  x: mercatorX(lon),
  y: mercatorY(lat),
  scale: scaleOf(zoom),
  width: 1000,
  height: 800,
});

it("the middle of the view is its centre, and a pixel leads back to its place", () => {
  const at = camera(151.3, -23.8, 11);
  expect(lonLatToPixel(at, 151.3, -23.8)).toEqual([500, 400]);
  const [px, py] = lonLatToPixel(at, 151.35, -23.75);
  const [lon, lat] = toLonLat(at, px, py);
  expect(lon).toBeCloseTo(151.35, 9);
  expect(lat).toBeCloseTo(-23.75, 9);
});

it("at zoom 0 the world is 512 pixels wide", () => {
  const at = camera(0, 0, 0);
  expect(lonLatToPixel(at, 90, 0)[0]).toBeCloseTo(500 + 128, 9);
});

it("a place beyond the date line is drawn beside the middle, not a world away", () => {
  const [px] = lonLatToPixel(camera(179.9, 0, 8), -179.9, 0);
  expect(px - 500).toBeCloseTo((0.2 / 360) * 512 * 256, 6);
});

it("the box with half a view of margin is twice the view", () => {
  const [west, south, east, north] = boxOf(camera(10, 0, 8), 0.5);
  expect(east - west).toBeCloseTo((2000 / (512 * 256)) * 360, 9);
  expect(north).toBeCloseTo(-south, 9);
});

it("an area of a kilometre fills about a third of the view at the zoom made for it", () => {
  const polygon = [[0, 0], [0.01, 0], [0.01, 0.01], [0, 0.01]] as const;
  const zoom = zoomFor(camera(0, 0, 4), polygon);
  const height = (0.01 / 360) * scaleOf(zoom);
  expect(height).toBeCloseTo(0.35 * 800, 0);
  expect(zoomFor(camera(0, 0, 4), [[0, 0], [0, 0], [0, 0]])).toBe(17);
  expect(zoomOf(scaleOf(7.25))).toBeCloseTo(7.25, 12);
});
