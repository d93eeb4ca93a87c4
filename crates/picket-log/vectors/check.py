"""Reads the pinned logs with nothing of the log's own code, from the formats as documented.

Needs Python 3 and `cryptography` 42 or newer. Run in this folder: `python3 check.py`.
"""

import base64
import hashlib
import hmac
import struct

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV


def sha(data):
    return hashlib.sha256(data).digest()


def expand(key, info):
    """HKDF-Expand of RFC 5869 to one block."""
    return hmac.new(key, info + b"\x01", hashlib.sha256).digest()


def root(hashes):
    """MTH of RFC 6962."""
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return sha(b"\x01" + root(hashes[:split]) + root(hashes[split:]))


def read_files(path):
    found = {}
    with open(path, encoding="ascii") as text:
        for line in text:
            name, digits = line.split()
            found[name] = bytes.fromhex(digits)
    return found


def crc32c(data):
    """RFC 3720, bit by bit."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return struct.pack("<I", crc ^ 0xFFFFFFFF)


def sealed_blocks(files, key, roots):
    """The blocks of all spines with their bodies, of one entry each; checks the feet."""
    number, foot_before, blocks = 0, None, []
    while f"log/spine/{number:08}.s" in files:
        spine = files[f"log/spine/{number:08}.s"]
        rows, foot = spine[16:-520], spine[-520:]
        head = b"PSPN\x01\x00\x00\x00" + struct.pack("<I", number)
        assert spine[:16] == head + crc32c(head)
        first, heads = len(blocks), {}
        while rows:
            row, rows = rows[:208], rows[208:]
            assert row[204:] == crc32c(row[:204])
            head, at = row[:168], struct.unpack("<I", row[200:204])[0]
            body_len = struct.unpack("<I", head[160:164])[0]
            body = files[f"log/body/{head[32:48].hex()}/{number:08}.b"][at : at + body_len]
            assert row[168:200] == sha(head + body) and head[164:] == crc32c(head[:164] + body)
            blocks.append(head + body)
        for block in blocks:
            count = struct.unpack("<I", block[64:68])[0]
            after = struct.unpack("<Q", block[48:56])[0] + count
            heads[block[5]] = sha(block) + block[24:28] + struct.pack("<Q", after)
        assert foot[:16] == b"PSPF" + struct.pack("<III", number, len(blocks) - first, 0)
        assert foot[16:32] == struct.pack("<QQ", first, len(blocks))
        assert foot[64:72] == blocks[-1][80:88] and foot[72:80] == blocks[-1][24:28] + bytes(4)
        for kind, right in heads.items():
            assert foot[80 + kind * 44 : 124 + kind * 44] == right
        assert foot[388:420] == sha(spine[:-520])
        assert foot[420:452] == (sha(foot_before) if foot_before else bytes(32))
        key.verify(foot[452:516], b"picket-log spine v1\n" + foot[:452])
        assert foot[516:] == crc32c(foot[:516])
        roots.append((len(blocks), foot[32:64]))
        number, foot_before = number + 1, foot
    return blocks


def journal_blocks(files):
    for name in sorted(name for name in files if name.startswith("log/journal/")):
        journal = files[name]
        while journal:
            assert journal[:4] == b"PWRT" and journal[12:16] == crc32c(journal[:12])
            length, count = struct.unpack("<II", journal[4:12])
            frame, journal = journal[16 : 16 + length], journal[16 + length :]
            for _ in range(count):
                body_len = struct.unpack("<I", frame[160:164])[0]
                yield frame[: 168 + body_len]
                frame = frame[168 + body_len :]


def check(path):
    files = read_files(path)
    node_key = bytes.fromhex(files["keys/node.key"].decode().split()[1])
    wrap_key = expand(node_key, b"picket-log wrap v1")
    group_keys = {}
    for name, data in files.items():
        if name.startswith("log/key/"):
            plain = AESGCMSIV(wrap_key).decrypt(data[24:36], data[36:-4], data[:36])
            group_keys[data[8:24]] = plain[:32]
    key_name, _, vkey = files["keys/log.vkey"].decode().strip().split("+", 2)
    vkey = base64.b64decode(vkey)
    public = Ed25519PublicKey.from_public_bytes(vkey[1:])

    leaves, previous, roots = [], {}, []
    blocks = sealed_blocks(files, public, roots)
    for block in [*blocks, *journal_blocks(files)]:
        head, body = block[:168], block[168:]
        assert head[:5] == b"PBLK\x01" and head[6] == 0
        assert head[96:128] == previous.get(head[5], bytes(32))
        previous[head[5]] = sha(block)
        seq, group_key = struct.unpack("<Q", head[56:64])[0], group_keys[head[32:48]]
        body_key = expand(group_key, b"picket-log body v1")
        plain = AESGCMSIV(body_key).decrypt(head[56:64] + head[24:28], body, head[:164])
        entry = plain[4 : 4 + struct.unpack("<I", plain[:4])[0]]
        assert len(entry) + 4 == len(plain) and seq == len(leaves)
        entry_key = expand(group_key, b"picket-log entry v1" + struct.pack("<Q", seq))
        leaf = b"\x01" + hmac.new(entry_key, entry, hashlib.sha256).digest()
        assert head[128:160] == sha(leaf)
        leaves.append(leaf)

    bundle = b"".join(struct.pack(">H", len(leaf)) + leaf for leaf in leaves)
    assert files[f"log/tile/entries/000.p/{len(leaves)}"] == bundle
    hashes = [sha(b"\x00" + leaf) for leaf in leaves]
    assert files[f"log/tile/0/000.p/{len(leaves)}"] == b"".join(hashes)
    for size, at_seal in roots:
        assert root(hashes[:size]) == at_seal

    text, signature = files["log/checkpoint"].decode().split("\n\n")
    origin, size, root_text = text.split("\n")
    assert (int(size), base64.b64decode(root_text)) == (len(leaves), root(hashes))
    signature = base64.b64decode(signature.split(" ")[2])
    assert signature[:4] == sha(key_name.encode() + b"\n" + vkey)[:4]
    assert origin == key_name and vkey[0] == 1
    public.verify(signature[4:], text.encode() + b"\n")
    print(f"{path}: {len(leaves)} entries, {len(blocks)} sealed, all as documented")


check("golden-log.txt")
check("golden-sealed.txt")
