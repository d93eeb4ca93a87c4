/** The live stream's bytes, made by hand from `docs/api.md`. */
import { describe, expect, it } from "vitest";
import { KIND, type RecordView, eachRecord, header, json, removedSlots } from "../src/live/decoder";

// Header: "PCKT", version 1, kind 2, flags 0, seq 4711, server_time 1767323045.5 s.
const HEADER = "50434b54 01 02 0000 6712000000000000 00006069cd55da41";

describe("the header", () => {
  it("names kind, sequence number and server time", () => {
    expect(header(bytes(HEADER))).toEqual({ kind: KIND.update, isReplay: false, seq: 4711, serverTime_s: 1_767_323_045.5 });
  });

  it("says that a frame shows the past, whatever other bits its flags have", () => {
    expect(header(bytes("50434b54 01 02 0100 6712000000000000 00006069cd55da41"))?.isReplay).toBe(true);
    expect(header(bytes("50434b54 01 02 0380 6712000000000000 00006069cd55da41"))?.isReplay).toBe(true);
    expect(header(bytes("50434b54 01 02 fe80 6712000000000000 00006069cd55da41"))?.isReplay).toBe(false);
  });

  it("carries sequence numbers above 32 bits", () => {
    expect(header(bytes("50434b54 01 05 0000 0100000001000000 0000000000000000"))?.seq).toBe(4_294_967_297);
  });

  it.each([
    ["another magic", "50434b53 01 02 0000 6712000000000000 00006069cd55da41"],
    ["another version", "50434b54 02 02 0000 6712000000000000 00006069cd55da41"],
    ["too few bytes", "50434b54 01 02 0000 6712000000000000 00006069cd55da"],
    ["no bytes", ""],
  ])("is refused with %s", (_, hex) => {
    expect(header(bytes(hex))).toBeUndefined();
  });
});

describe("a track record", () => {
  // slot 12 · lon 151.3 = 1513000000 · lat -23.8 = -238000000 · course 81.2 = 8120 ·
  // speed 5.1 = 51 · symbol 3 · confidence 247 · flags critical + coasting + simulated.
  const RECORD = "0c000000 408c2e5a 8068d0f1 b81f 3300 0300 f7 17";

  it("is read field by field", () => {
    expect(records(HEADER + RECORD)).toEqual([
      { slot: 12, lon_deg: 151.3, lat_deg: -23.8, course_deg: 81.2, speed_mps: 5.1, symbol: 3, confidence: 247 / 255, flags: 0x17 },
    ]);
  });

  it("has no course and no speed where the wire says 65535", () => {
    const [record] = records(`${HEADER}0c000000 408c2e5a 8068d0f1 ffff ffff 0300 f7 00`);
    expect(record?.course_deg).toBeNaN();
    expect(record?.speed_mps).toBeNaN();
  });

  it("follows another without a gap", () => {
    expect(records(HEADER + RECORD + RECORD.replace("0c", "0d")).map((record) => record.slot)).toEqual([12, 13]);
  });

  it("is left out when the frame is cut inside it", () => {
    expect(records(HEADER + RECORD + RECORD.slice(0, 20))).toHaveLength(1);
    expect(records(HEADER)).toEqual([]);
  });
});

describe("other frames", () => {
  it("remove lists slots", () => {
    expect(removedSlots(bytes(`${HEADER}0c000000 ffffffff 01`))).toEqual([12, 4_294_967_295]);
  });

  it("event carries JSON", () => {
    const text = Buffer.from('{"type":"sign_out"}').toString("hex");
    expect(json(bytes(HEADER + text))).toEqual({ type: "sign_out" });
  });

  it("event with damaged JSON gives nothing", () => {
    expect(json(bytes(`${HEADER}7b22`))).toBeUndefined();
  });
});

function records(hex: string): RecordView[] {
  const found: RecordView[] = [];
  eachRecord(bytes(hex), (record) => found.push({ ...record }));
  return found;
}

/** A view into the middle of a larger buffer, as a socket may hand over. */
function bytes(hex: string): DataView {
  const plain = Buffer.from(hex.replaceAll(" ", ""), "hex");
  const buffer = new ArrayBuffer(plain.length + 8);
  new Uint8Array(buffer, 8).set(plain);
  return new DataView(buffer, 8);
}
