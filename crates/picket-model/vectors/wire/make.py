#!/usr/bin/env python3
"""Writes the golden entries of the stored form with a second implementation of CBOR.

    python3 -m pip install cbor2 && python3 make.py

Each line of golden.txt is a name and the hexadecimal bytes that cbor2's canonical
encoder (RFC 8949 core deterministic encoding) makes of the arrays below. The Rust
tests build the same nouns and must give the same bytes. These files never change;
a new version of the stored form gets a new file beside them.
"""
import hashlib
import math
import pathlib

import cbor2

VERSION = 1
ORIGIN = bytes(range(16))


def radians(degrees):
    return degrees * math.pi / 180.0


def entry(log_class, number, record):
    return [VERSION, [ORIGIN, 2, log_class, number], record]


def record(author, auth, label, occurred_at, received_at, subject, cites, body):
    return [author, auth, label, occurred_at, received_at, subject, cites, body]


def record_id(r):
    author, _auth, _label, occurred_at, _received_at, subject, cites, body = r
    identity = [VERSION, author, occurred_at, subject, cites, body]
    return hashlib.sha256(cbor2.dumps(identity, canonical=True)).digest()


AT = 1_800_000_000_000_000_000
FEED = [0, "ais-coast"]
CLOCK, GATE, LINK, LOG, DETECT, NODE = ([2, n] for n in range(6))
PERSON = [1, "officer-1"]
OPEN = [0, [], []]
NARROW = [1, ["NORTH", "SOUTH"], ["COASTGUARD"]]
CITE = bytes([7]) * 32
POSITION = [radians(-23.5), radians(151.25), 12.5]

FULL = [
    2, "Fence-07", POSITION, 5.0, 1.5, radians(90.0), None, 5, 0,
    [[0, 503551000], [1, 9074729], [2, 0x7C6B2D], [3, "Team-1"], [4, "Fence-07", "3"], [5, "VJN2"], [6, "SVITZER"]],
    [0, False, True], AT + 30_000_000_000, "gap under the wire", True, 87.0,
    ["cot", b"<event/>"],
]
BARE = [0, None, None, None, None, None, None, 0, 1, [], None, None, None, False, None, ["ais", b"!"]]
ALERT = [
    bytes(range(16)), "area.entry", 1, 0, 3, "Person inside North Ammo",
    "T12 is inside North Ammo since 02:14:07Z (97 %); no permit matches",
    [["chance of being inside", "97 %", "90 %", 1, 12.3, [CITE]], ["permit", "none", "one", 2, 0.0, []]],
    [4, 12], 12, "North Ammo", POSITION, AT, 3, True,
]
SITE = ["Curtis Point", [[
    "North Ammo", "restricted",
    [[radians(-23.5), radians(151.25), None], [radians(-23.5), radians(151.5), None], [radians(-23.75), radians(151.5), None]],
    [1320, 360], ["Team-1"],
]]]

AIR = [2, None, POSITION, 40.0, 231.5, radians(90.0), None, 2, 1, [[2, 0x7C6B2D]], None, None, None, False, None,
       ["beast", b"\x1a3"], [10668.0, -1.5, False, 7700, 8, 9], None]
FENCE = [2, "Fence-07", POSITION, 5.0, None, None, None, 0, 0, [], None, None, None, True, None,
         ["cot", b"<event/>"], [None, None, None, None, None, None], 0]
LINE = ["Line 4", [[radians(-23.5), radians(151.25), None], [radians(-23.75), radians(151.5), None]], 1, [1320, 360]]

GOLDEN = {
    "observation_full": entry(5, 1, record(FEED, 0, NARROW, AT, AT + 250_000_000, [2, "Fence-07.3"], [], [0, FULL])),
    "observation_bare": entry(5, 2, record(FEED, 1, OPEN, AT, AT, [0, 503551000], [], [0, BARE])),
    "status_link": entry(5, 3, record(LINK, 1, OPEN, AT, AT, [3, "ais-coast"], [], [1, [0, "ais-coast", 1, "closed"]])),
    "status_dropped": entry(5, 4, record(LINK, 1, OPEN, AT, AT, None, [], [1, [1, "ais-coast", 1000]])),
    "status_rejects": entry(5, 5, record(LINK, 1, OPEN, AT, AT, None, [], [1, [2, "ais-coast", 3, "wrong checksum"]])),
    "status_node": entry(5, 6, record(NODE, 1, OPEN, AT, AT, None, [], [1, [3, "the node started"]])),
    "alert": entry(1, 1, record(DETECT, 1, NARROW, AT, AT, [4, 12], [CITE], [2, ALERT])),
    "act_sign_in": entry(2, 1, record(PERSON, 1, OPEN, AT, AT, None, [], [3, [0, "one-time link"]])),
    "act_acknowledge": entry(2, 2, record(PERSON, 1, OPEN, AT, AT, [5, bytes(range(16))], [], [3, [2, bytes(range(16)), ""]])),
    "act_shelve": entry(2, 3, record(PERSON, 1, OPEN, AT, AT, None, [], [3, [4, bytes(range(16)), AT, "exercise"]])),
    "act_close": entry(2, 4, record(PERSON, 2, OPEN, AT, AT, None, [], [3, [5, bytes(range(16)), "handled"]])),
    "refusal": entry(2, 5, record(GATE, 1, OPEN, AT, AT, None, [], [4, [FEED, "over-budget", 30_000_000, 990]])),
    "refusal_unproven": entry(2, 6, record(GATE, 1, OPEN, AT, AT, None, [], [4, [None, "unknown-feed", -1, 1]])),
    "tick": entry(5, 7, record(CLOCK, 1, OPEN, AT, AT, None, [], [5, None])),
    "observation_air": entry(5, 8, record(FEED, 0, OPEN, AT, AT, [1, 0x7C6B2D], [], [0, AIR])),
    "observation_alarm": entry(5, 9, record(FEED, 0, OPEN, AT, AT, None, [], [0, FENCE])),
    "act_draw_area": entry(2, 7, record(PERSON, 1, OPEN, AT, AT, None, [], [3, [8, [0, SITE[1][0]]]])),
    "act_draw_line": entry(2, 8, record(PERSON, 1, OPEN, AT, AT, None, [], [3, [8, [1, LINE]]])),
    "act_erase": entry(2, 9, record(PERSON, 1, OPEN, AT, AT, None, [], [3, [9, "Line 4", "done"]])),
    "site_lines": entry(0, 2, record(NODE, 1, OPEN, AT, AT, None, [], [6, [*SITE, [LINE]]])),
    "site": entry(0, 1, record(NODE, 1, OPEN, AT, AT, None, [], [6, SITE])),
}

if __name__ == "__main__":
    lines = []
    for name, value in GOLDEN.items():
        lines.append(f"{name} {cbor2.dumps(value, canonical=True).hex()} {record_id(value[2]).hex()}")
    pathlib.Path(__file__).with_name("golden-v1.txt").write_text("\n".join(lines) + "\n")
