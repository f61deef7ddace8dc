"""Token scheme 2, in Python alone: `tokens.py FIXTURES` checks the key ids and tags of the corpus' token cases, and
the worked example of docs/format.md.

It is written from docs/format.md, section 2 of the BLAKE3 paper and section 2.4 of the SipHash paper, and shares
no code with the core. It first checks itself against the vectors that the authors of both publish.
`tokens.py FIXTURES --write` writes what it computes into the cases instead."""

import json
import pathlib
import struct
import sys

# docs/identifiers.md, the table of kinds.
KINDS = {
    "domain": 1,
    "iban": 2,
    "lei": 3,
    "card_acceptor": 4,
    "sub_merchant": 5,
    "wallet": 6,
    "handle": 7,
    "prepaid_program": 8,
    "phone": 9,
    "short_code": 10,
    "registration": 11,
    "label": 12,
    "other": 13,
}

START, END, ROOT = 1, 2, 8
CONTEXT, MATERIAL = 32, 64
INITIAL = (
    0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
    0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19,
)  # fmt: skip
PERMUTATION = (2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)
COLUMNS = ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15))
DIAGONALS = ((0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14))


def right(word, by):
    return (word >> by | word << (32 - by)) & 0xFFFFFFFF


def mix(state, places, one, two):
    a, b, c, d = places
    for word, first, second in ((one, 16, 12), (two, 8, 7)):
        state[a] = (state[a] + state[b] + word) & 0xFFFFFFFF
        state[d] = right(state[d] ^ state[a], first)
        state[c] = (state[c] + state[d]) & 0xFFFFFFFF
        state[b] = right(state[b] ^ state[c], second)


def compress(chain, block, size, flags, counter=0):
    """Sixteen words; the first eight are the new chaining value."""
    low, high = counter & 0xFFFFFFFF, counter >> 32
    state = [*chain, *INITIAL[:4], low, high, size, flags]
    words = struct.unpack("<16I", block)
    for _ in range(7):
        for index, places in enumerate(COLUMNS + DIAGONALS):
            mix(state, places, words[2 * index], words[2 * index + 1])
        words = tuple(words[place] for place in PERMUTATION)
    first = [state[index] ^ state[index + 8] for index in range(8)]
    return first + [state[index + 8] ^ chain[index] for index in range(8)]


def one_chunk(chain, message, mode):
    """32 bytes of BLAKE3 of a message of at most one chunk."""
    if len(message) > 1024:
        raise ValueError("more than one chunk")
    blocks = [message[at : at + 64] for at in range(0, len(message), 64)] or [b""]
    for index, block in enumerate(blocks):
        flags = mode
        flags |= START if index == 0 else 0
        flags |= END | ROOT if index == len(blocks) - 1 else 0
        chain = compress(chain, block.ljust(64, b"\0"), len(block), flags)[:8]
    return struct.pack("<8I", *chain)


def blake3(message):
    return one_chunk(INITIAL, message, 0)


def derive_key(context, material):
    key = one_chunk(INITIAL, context.encode(), CONTEXT)
    return one_chunk(struct.unpack("<8I", key), material, MATERIAL)


def left(word, by):
    return (word << by | word >> (64 - by)) & 0xFFFFFFFFFFFFFFFF


def half_round(v, places, by):
    a, b, c, d = places
    v[a] = (v[a] + v[b]) & 0xFFFFFFFFFFFFFFFF
    v[c] = (v[c] + v[d]) & 0xFFFFFFFFFFFFFFFF
    v[b] = left(v[b], by[0]) ^ v[a]
    v[d] = left(v[d], by[1]) ^ v[c]
    v[a] = left(v[a], 32)


def sip_rounds(v, rounds):
    for _ in range(rounds):
        half_round(v, (0, 1, 2, 3), (13, 16))
        half_round(v, (2, 1, 0, 3), (17, 21))


def siphash_2_4_128(key, message):
    k0, k1 = struct.unpack("<2Q", key)
    v = [
        k0 ^ 0x736F6D6570736575,
        k1 ^ 0x646F72616E646F6D ^ 0xEE,
        k0 ^ 0x6C7967656E657261,
        k1 ^ 0x7465646279746573,
    ]
    padded = message.ljust(len(message) // 8 * 8 + 7, b"\0") + bytes([len(message) & 255])
    for (word,) in struct.iter_unpack("<Q", padded):
        v[3] ^= word
        sip_rounds(v, 2)
        v[0] ^= word
    out = b""
    for place, constant in ((2, 0xEE), (1, 0xDD)):
        v[place] ^= constant
        sip_rounds(v, 4)
        out += struct.pack("<Q", v[0] ^ v[1] ^ v[2] ^ v[3])
    return out


def key_id(key):
    return derive_key("interdict 2026-11 list key id", key)[:8]


def steps(key, kind, canonical):
    """From a name to its tag."""
    digest = blake3(bytes([KINDS[kind]]) + canonical)
    tag_key = derive_key("interdict 2026-11 token scheme 2", key)[:16]
    token = siphash_2_4_128(tag_key, digest)
    return {"digest": digest, "tag_key": tag_key, "Token": token, "Tag": token[:12]}


def example():
    """The block that docs/format.md must hold."""
    values = steps(bytes(range(32)), "domain", b"shop.example")
    return "".join(f"{name:8} {value.hex()}\n" for name, value in values.items())


# https://github.com/BLAKE3-team/BLAKE3, test_vectors/test_vectors.json at 77b257eee7da: length of the input 0, 1, 2,
# … modulo 251; first 32 bytes of `hash`; first 32 bytes of `derive_key`.
BLAKE3_CONTEXT = "BLAKE3 2019-12-27 16:29:52 test vectors context"
BLAKE3_VECTORS = [
    (
        0,
        "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
        "2cc39783c223154fea8dfb7c1b1660f2ac2dcbd1c1de8277b0b0dd39b7e50d7d",
    ),
    (
        1,
        "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213",
        "b3e2e340a117a499c6cf2398a19ee0d29cca2bb7404c73063382693bf66cb06c",
    ),
    (
        8,
        "2351207d04fc16ade43ccab08600939c7c1fa70a5c0aaca76063d04c3228eaeb",
        "2b166978cef14d9d438046c720519d8b1cad707e199746f1562d0c87fbd32940",
    ),
    (
        63,
        "e9bc37a594daad83be9470df7f7b3798297c3d834ce80ba85d6e207627b7db7b",
        "b6451e30b953c206e34644c6803724e9d2725e0893039cfc49584f991f451af3",
    ),
    (
        64,
        "4eed7141ea4a5cd4b788606bd23f46e212af9cacebacdc7d1f4c6dc7f2511b98",
        "a5c4a7053fa86b64746d4bb688d06ad1f02a18fce9afd3e818fefaa7126bf73e",
    ),
    (
        65,
        "de1e5fa0be70df6d2be8fffd0e99ceaa8eb6e8c93a63f2d8d1c30ecb6b263dee",
        "51fd05c3c1cfbc8ed67d139ad76f5cf8236cd2acd26627a30c104dfd9d3ff8a8",
    ),
    (
        128,
        "f17e570564b26578c33bb7f44643f539624b05df1a76c81f30acd548c44b45ef",
        "81720f34452f58a0120a58b6b4608384b5c51d11f39ce97161a0c0e442ca0225",
    ),
    (
        1023,
        "10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11",
        "74a16c1c3d44368a86e1ca6df64be6a2f64cce8f09220787450722d85725dea5",
    ),
    (
        1024,
        "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7",
        "7356cd7720d5b66b6d0697eb3177d9f8d73a4a5c5e968896eb6a689684302706",
    ),
]

# https://github.com/veorq/SipHash, vectors.h at f26d35e964c6, `vectors_sip128`: the key is 00 01 … 0f and the message
# 00 01 … of so many bytes.
SIPHASH_VECTORS = [
    (0, "a3817f04ba25a8e66df67214c7550293"),
    (1, "da87c1d86b99af44347659119b22fc45"),
    (7, "a1f1ebbed8dbc153c0b84aa61ff08239"),
    (8, "3b62a9ba6258f5610f83e264f31497b4"),
    (15, "5493e99933b0a8117e08ec0f97cfc3d9"),
    (16, "6ee2a4ca67b054bbfd3315bf85230577"),
    (31, "2939b0183223fafc1723de4f52c43d35"),
    (32, "7c3956ca5eeafc3e363e9d556546eb68"),
    (33, "77c6077146f01c32b6b69d5f4ea9ffcf"),
    (63, "5150d1772f50834a503e069a973fbd7c"),
]


def vectors():
    """How many published vectors there are, and which come out otherwise."""
    wrong = []
    for size, digest, derived in BLAKE3_VECTORS:
        message = bytes(at % 251 for at in range(size))
        if blake3(message).hex() != digest:
            wrong.append(f"BLAKE3 of {size} bytes")
        if derive_key(BLAKE3_CONTEXT, message).hex() != derived:
            wrong.append(f"BLAKE3 derive_key of {size} bytes")
    for size, digest in SIPHASH_VECTORS:
        if siphash_2_4_128(bytes(range(16)), bytes(range(size))).hex() != digest:
            wrong.append(f"SipHash-2-4-128 of {size} bytes")
    return 2 * len(BLAKE3_VECTORS) + len(SIPHASH_VECTORS), wrong


def compute(case):
    key = bytes.fromhex(case["key"])
    case["key_id"] = key_id(key).hex()
    for name in case["names"]:
        name["tag"] = steps(key, name["kind"], bytes.fromhex(name["canonical"]))["Tag"].hex()


def main():
    path = pathlib.Path(sys.argv[1], "cases", "token.json")
    document = pathlib.Path(__file__).parents[2] / "docs" / "format.md"
    count, wrong = vectors()
    if example() not in document.read_text():
        wrong.append("the example of docs/format.md")
    check([path], lambda case: True, compute, count + 1, wrong)


def check(paths, concerns, compute, count, wrong):
    """Computes the cases of files that it concerns, and compares them with what is committed, or writes them.
    `count` and `wrong` are of the checks before."""
    for path in paths:
        cases = json.loads(path.read_text())
        for index, case in enumerate(cases):
            if not concerns(case):
                continue
            committed = json.dumps(case, sort_keys=True)
            compute(case)
            count += 1
            if json.dumps(case, sort_keys=True) != committed:
                wrong.append(f"{case['case']} case {index}, {case.get('about', case.get('kind'))}")
        if "--write" in sys.argv[2:]:
            path.write_text(json.dumps(cases, indent=1, ensure_ascii=False) + "\n")
    if "--write" in sys.argv[2:]:
        return
    for one in wrong:
        print(f"FAILED {one}")
    print(f"{count} cases, {len(wrong)} wrong")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
