"""Receipts, in Python alone: `receipts.py FIXTURES` checks `request`, `asked`, `sealed` and `mac` of every receipt in the
corpus, and the worked examples of docs/scoring.md.

It is written from docs/scoring.md and section 2 of the BLAKE3 paper, and shares no code with the core. It first checks
itself against the vectors that the authors of BLAKE3 publish. `receipts.py FIXTURES --write` writes what it computes
into the cases instead, and `receipts.py FIXTURES --example` prints the examples."""

import json
import pathlib
import re
import struct
import sys

from signals import TABLE, coded, read
from tokens import END, INITIAL, KINDS, ROOT, START, check, compress

PARENT, KEYED = 4, 16
FORMAT = struct.pack("<I", 1)
ZEROS = "0" * 128

# The members of each object in a receipt, in order.
VERDICT = (
    "format module policy time flow request asked coalitions overrides clearances doubts action because natural score "
    "degraded odds reasons unchecked sealed mac"
).split()
REFUSAL = "format module time flow code path mac".split()
INNER = {
    "module": "version build sha256".split(),
    "asked": "kind digest unused".split(),
    "coalitions": "name metadata newest_time polled doubts lists typologies".split(),
    "lists": "list edition epoch sequence issued freshness key".split(),
    "typologies": "list version counted".split(),
    "odds": "prior typologies listed agreement total".split(),
    "reasons": "code identifier coalition list source origin category handling relation rule weight text".split(),
}


def chunk(key, message, index, flags):
    """Chaining value, last block, its size and flags of one chunk: what is needed to finish it."""
    blocks = [message[at : at + 64] for at in range(0, len(message), 64)] or [b""]
    chain = key
    for number, block in enumerate(blocks):
        last = number == len(blocks) - 1
        mode = flags | (START if number == 0 else 0) | (END if last else 0)
        node = (chain, block.ljust(64, b"\0"), len(block), mode)
        if last:
            return node, index
        chain = compress(*node, index)[:8]


def value(node, counter):
    return compress(*node, counter)[:8]


def tree(key, message, flags):
    """The root of the tree over all chunks, and its counter."""

    def node(at, chunks):
        if chunks == 1:
            return chunk(key, message[at * 1024 : (at + 1) * 1024], at, flags)
        left = 1 << ((chunks - 1).bit_length() - 1)
        both = value(*node(at, left)) + value(*node(at + left, chunks - left))
        return (key, struct.pack("<16I", *both), 64, flags | PARENT), 0

    return node(0, max(1, -(-len(message) // 1024)))


def blake3(message, key=None, size=32):
    words = INITIAL if key is None else struct.unpack("<8I", key)
    (chain, block, length, mode), _ = tree(words, message, 0 if key is None else KEYED)
    # One block of output is enough: 64 bytes.
    return struct.pack("<16I", *compress(chain, block, length, mode | ROOT))[:size]


def keyed(key, what, *fields, size=16):
    every = [b"interdict", what.encode(), FORMAT, *fields]
    return blake3(b"".join(struct.pack("<Q", len(one)) + one for one in every), key, size)


def canonical(receipt, order):
    """The members in order, without spaces."""

    def arranged(name, one):
        if isinstance(one, list):
            return [arranged(name, inner) for inner in one]
        if not isinstance(one, dict):
            return one
        known = order if name is None else INNER[name]
        unknown = set(one) - set(known)
        if unknown:
            raise ValueError(f"{name}: {unknown}")
        return {member: arranged(member, one[member]) for member in known if member in one}

    return json.dumps(arranged(None, receipt), ensure_ascii=False, separators=(",", ":")).encode()


def without(receipt, *members):
    return {name: one for name, one in receipt.items() if name not in members}


def identifier(key, kind, bytes_):
    return keyed(key, "identifier", bytes([KINDS[kind]]), bytes_).hex()


def record(key, kind, bytes_, said):
    """The digest that clearances name a record by: the listed name, and what the record says."""
    words = [said[name].encode() for name in ("action", "category", "source", "origin", "scope")]
    action, category, source, origin, scope = words
    confidence, flags = struct.pack("<H", said["confidence"]), bytes([said["flags"]])
    fields = (action, category, confidence, source, origin, scope, flags)
    return keyed(key, "record", bytes([KINDS[kind]]), bytes_, *fields).hex()


def rule(key, said):
    """The digest that clearances name a rule by."""
    words = [said[name].encode() for name in ("id", "direction", "when")]
    weights = [struct.pack("<i", said[name]) for name in ("weight", "otherwise")]
    return keyed(key, "rule", *words, *weights).hex()


def sealed(silent_key, findings, receipt):
    """`findings`: coalition, list, identifier and category of each silent record, in the order of the request."""
    before = canonical(without(receipt, "sealed", "mac"), VERDICT)
    plain = bytes([min(len(findings), 255)]) + b"".join(bytes(one) for one in findings[:11])
    plain = plain.ljust(48, b"\0")
    iv = keyed(silent_key, "sealed", plain, blake3(before))
    stream = keyed(silent_key, "keystream", iv, size=48)
    return (iv + bytes(one ^ other for one, other in zip(stream, plain))).hex()


def mac(key, receipt, order):
    return keyed(key, "receipt", canonical(without(receipt, "mac"), order)).hex()


def asked(key, request):
    """The digests of a request whose only identifiers are domains and accounts in canonical form, and whose declared
    addresses are of such domains; otherwise None."""
    fields, parts = [], [request["flow"].encode()]
    if set(request) - {"flow", "identifiers", "language", "view", "reference", "signals"}:
        return None

    def domain(name):
        fields.append({"kind": "domain", "digest": identifier(key, "domain", name.encode())})
        parts.extend([bytes([KINDS["domain"]]), name.encode()])

    def unused(rule):
        fields.append({"unused": rule})
        parts.extend([b"\0", rule.encode()])

    given = dict(request.get("signals", {}))
    declared = given.pop("declared_urls", [])
    hosts = [re.fullmatch(r"https://((?:[a-z]+\.)+example)/?", one) for one in declared[:16]]
    if not all(hosts):
        return None
    for one in request["identifiers"]:
        kind, text = one["kind"], one["value"]
        if kind not in ("domain", "iban") or not text.isascii() or text != text.strip().replace(" ", ""):
            return None
        fields.append({"kind": kind, "digest": identifier(key, kind, text.encode())})
        parts += [bytes([KINDS[kind]]), text.encode()]
    if len(declared) > 16:
        unused("too_many")
    for host in hosts:
        domain(host[1])
    known = {name: read(name, given[name]) for name in TABLE if given.get(name) is not None}
    for value in known.values():
        if value is None:
            unused("signal_value")
    for name, value in known.items():
        if value is not None:
            parts += [name.encode(), struct.pack("<q", coded(name, value))]
    return fields, keyed(key, "request", *parts).hex()


def compute(case):
    """Writes into the case what follows from the rest of it."""
    key = bytes.fromhex(case["receipt_key"])
    if "refusal" in case:
        case["refusal"]["mac"] = mac(key, case["refusal"], REFUSAL)
        return
    receipt = case["verdict"]["receipt"]
    digests = asked(key, case["request"])
    if digests:
        receipt["asked"], receipt["request"] = digests
    if "silent_key" in case:
        findings = case["silent"]
        receipt["sealed"] = sealed(bytes.fromhex(case["silent_key"]), findings, receipt)
    else:
        receipt["sealed"] = ZEROS
    receipt["mac"] = mac(key, receipt, VERDICT)


# https://github.com/BLAKE3-team/BLAKE3, test_vectors/test_vectors.json at 77b257eee7da: length of the input 0, 1, 2,
# … modulo 251; first 32 bytes of `hash`; first 32 bytes of `keyed_hash`.
BLAKE3_KEY = b"whats the Elvish word for friend"
BLAKE3_VECTORS = [
    (
        0,
        "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
        "92b2b75604ed3c761f9d6f62392c8a9227ad0ea3f09573e783f1498a4ed60d26",
    ),
    (
        1024,
        "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7",
        "75c46f6f3d9eb4f55ecaaee480db732e6c2105546f1e675003687c31719c7ba4",
    ),
    (
        1025,
        "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444",
        "357dc55de0c7e382c900fd6e320acc04146be01db6a8ce7210b7189bd664ea69",
    ),
    (
        2048,
        "e776b6028c7cd22a4d0ba182a8bf62205d2ef576467e838ed6f2529b85fba24a",
        "879cf1fa2ea0e79126cb1063617a05b6ad9d0b696d0d757cf053439f60a99dd1",
    ),
]

RECEIPT_KEY, SILENT_KEY = bytes(range(32)), bytes(range(32, 64))


def examples():
    """The blocks that docs/scoring.md must hold."""
    shop = identifier(RECEIPT_KEY, "domain", b"shop.example")
    request = {"flow": "payout", "identifiers": [{"kind": "domain", "value": "shop.example"}]}
    receipt = {
        "format": 1, "module": {"version": "0.2.0", "build": "full"}, "policy": "00" * 16, "time": 1795309323,
        "flow": "payout", "request": asked(RECEIPT_KEY, request)[1], "asked": [{"kind": "domain", "digest": shop}],
        "coalitions": [], "overrides": [], "clearances": [], "doubts": [], "action": "review", "because": "unavailable",
        "natural": "review", "score": 0, "degraded": True,
        "odds": {"prior": -13288, "typologies": 0, "agreement": 0, "total": -13288},
        "reasons": [{"code": "degraded", "weight": 0}], "unchecked": ["domain"],
    }  # fmt: skip
    # One silent record: the first coalition, its first list, the first identifier, category `csae`.
    receipt["sealed"] = sealed(SILENT_KEY, [(0, 0, 0, 1)], receipt)
    receipt["mac"] = mac(RECEIPT_KEY, receipt, VERDICT)
    refusal = {
        "format": 1, "module": {"version": "0.2.0", "build": "full"}, "time": 1795309323, "flow": "payout", "code": -17,
        "path": "identifiers[0]",
    }  # fmt: skip
    refusal["mac"] = mac(RECEIPT_KEY, refusal, REFUSAL)
    override = {
        "_type": "interdict-override", "coalition": "se", "list": "se/merchants", "identifier": shop,
        "expires": "2026-12-22T00:00:00Z", "reference": "case 17",
    }  # fmt: skip
    listed = {
        "action": "review", "category": "csae", "confidence": 500, "source": "se.hotline.example",
        "origin": "hotline.example", "scope": "domain", "flags": 0,
    }  # fmt: skip
    flag = {
        "id": "T04", "direction": "riskier", "when": "payment_page_declared = false", "weight": 1000, "otherwise": 0,
    }  # fmt: skip
    where = {"identifier": shop, "coalition": "se", "list": "se/merchants"}
    clearance = {
        "_type": "interdict-clearance", "expires": "2027-04-01T00:00:00Z", "reference": "case 17",
        "clearances": [
            where | {"code": "listed", "digest": record(RECEIPT_KEY, "domain", b"shop.example", listed)},
            where | {"code": "typology", "digest": rule(RECEIPT_KEY, flag)},
        ],
    }  # fmt: skip
    return [
        canonical(receipt, VERDICT).decode() + "\n",
        canonical(refusal, REFUSAL).decode() + "\n",
        signed(override) + "\n",
        signed(clearance) + "\n",
    ]


def signed(document):
    """What signatures cover: OLPC canonical JSON, which is this as long as no text holds a control character."""
    return json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def main():
    cases = pathlib.Path(sys.argv[1], "cases")
    if "--example" in sys.argv[2:]:
        print("\n".join(examples()))
        return
    document = (pathlib.Path(__file__).parents[2] / "docs" / "scoring.md").read_text()
    wrong, count = [], 0
    for size, digest, with_key in BLAKE3_VECTORS:
        message = bytes(at % 251 for at in range(size))
        count += 2
        if blake3(message).hex() != digest:
            wrong.append(f"BLAKE3 of {size} bytes")
        if blake3(message, BLAKE3_KEY).hex() != with_key:
            wrong.append(f"keyed BLAKE3 of {size} bytes")
    for number, example in enumerate(examples()):
        count += 1
        if example not in document:
            wrong.append(f"example {number} of docs/scoring.md")
    has_receipt = lambda case: "refusal" in case or "receipt" in case.get("verdict", {})
    check([cases / "verdict.json", cases / "signals.json"], has_receipt, compute, count, wrong)


if __name__ == "__main__":
    main()
