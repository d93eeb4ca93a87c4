"""Reads golden-log.txt with nothing of the log's own code, from the formats as documented.

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


files = {}
with open("golden-log.txt", encoding="ascii") as text:
    for line in text:
        name, digits = line.split()
        files[name] = bytes.fromhex(digits)

node_key = bytes.fromhex(files["keys/node.key"].decode().split()[1])
wrap_key = expand(node_key, b"picket-log wrap v1")
group_keys = {}
for name, data in files.items():
    if name.startswith("log/key/"):
        plain = AESGCMSIV(wrap_key).decrypt(data[24:36], data[36:-4], data[:36])
        group_keys[data[8:24]] = plain[:32]

leaves, previous, journal = [], {}, files["log/journal/00000000.j"]
while journal:
    assert journal[:4] == b"PWRT"
    length, count = struct.unpack("<II", journal[4:12])
    frame, journal = journal[16 : 16 + length], journal[16 + length :]
    for _ in range(count):
        head, body_len = frame[:168], struct.unpack("<I", frame[160:164])[0]
        body, block = frame[168 : 168 + body_len], frame[: 168 + body_len]
        frame = frame[168 + body_len :]
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

text, signature = files["log/checkpoint"].decode().split("\n\n")
origin, size, root_text = text.split("\n")
assert (int(size), base64.b64decode(root_text)) == (len(leaves), root(hashes))
name, _, key = files["keys/log.vkey"].decode().strip().split("+", 2)
key = base64.b64decode(key)
signature = base64.b64decode(signature.split(" ")[2])
assert signature[:4] == sha(name.encode() + b"\n" + key)[:4] and origin == name and key[0] == 1
Ed25519PublicKey.from_public_bytes(key[1:]).verify(signature[4:], text.encode() + b"\n")
print(f"{len(leaves)} entries, all as documented")
