"""Random valid wallet addresses of every chain and form, written from the specifications alone: BIP-13, BIP-173, BIP-350,
the CashAddr specification, ZIP 320, ERC-55, XLS-5d and Monero's base58. A second implementation of the encoders, for
`tests/tests/addresses.rs`:

    python3 tests/python/addresses.py COUNT

prints COUNT lines of each form: its name, a tab, and the wallet as a request gives it.
"""

import hashlib
import random
import sys

BITCOIN = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
XRP = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
FIVE_BITS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

ROUND_CONSTANTS = [
    0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000, 0x000000000000808B,
    0x0000000080000001, 0x8000000080008081, 0x8000000000008009, 0x000000000000008A, 0x0000000000000088,
    0x0000000080008009, 0x000000008000000A, 0x000000008000808B, 0x800000000000008B, 0x8000000000008089,
    0x8000000000008003, 0x8000000000008002, 0x8000000000000080, 0x000000000000800A, 0x800000008000000A,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
]
MASK = (1 << 64) - 1


def rotated(lane, by):
    return ((lane << by) | (lane >> (64 - by))) & MASK if by else lane


def keccak_256(data):
    """Keccak with the padding of before FIPS 202, for less than one block of 136 bytes."""
    assert len(data) < 136
    block = bytearray(data) + bytearray(136 - len(data))
    block[len(data)] ^= 0x01
    block[135] ^= 0x80
    state = [[0] * 5 for _ in range(5)]
    for index in range(17):
        state[index % 5][index // 5] = int.from_bytes(block[8 * index : 8 * index + 8], "little")
    for constant in ROUND_CONSTANTS:
        parity = [column[0] ^ column[1] ^ column[2] ^ column[3] ^ column[4] for column in state]
        for x in range(5):
            mixed = parity[x - 1] ^ rotated(parity[(x + 1) % 5], 1)
            for y in range(5):
                state[x][y] ^= mixed
        x, y, lane = 1, 0, state[1][0]
        for step in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            lane, state[x][y] = state[x][y], rotated(lane, (step + 1) * (step + 2) // 2 % 64)
        for y in range(5):
            row = [state[x][y] for x in range(5)]
            for x in range(5):
                state[x][y] = row[x] ^ (~row[(x + 1) % 5] & MASK & row[(x + 2) % 5])
        state[0][0] ^= constant
    return b"".join(state[index % 5][index // 5].to_bytes(8, "little") for index in range(4))


def base58(data, digits=BITCOIN, width=None):
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = digits[digit] + text
    if width is not None:
        return text.rjust(width, digits[0])
    return digits[0] * (len(data) - len(data.lstrip(b"\0"))) + text


def checked(data, digits=BITCOIN):
    return base58(data + hashlib.sha256(hashlib.sha256(data).digest()).digest()[:4], digits)


def five_bits(data):
    bits = "".join(f"{byte:08b}" for byte in data)
    bits += "0" * (-len(bits) % 5)
    return [int(bits[at : at + 5], 2) for at in range(0, len(bits), 5)]


def bech32(prefix, values, constant):
    expanded = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix] + values + [0] * 6
    check = 1
    for value in expanded:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= generator if top >> bit & 1 else 0
    check ^= constant
    values = values + [check >> 5 * (5 - at) & 31 for at in range(6)]
    return prefix + "1" + "".join(FIVE_BITS[value] for value in values)


def witness(prefix, version, program):
    return bech32(prefix, [version] + five_bits(program), 1 if version == 0 else 0x2BC830A3)


def cash_address(version, data):
    values = five_bits(bytes([version]) + data)
    check = 1
    for value in [ord(c) & 31 for c in "bitcoincash"] + [0] + values + [0] * 8:
        top = check >> 35
        check = (check & 0x07FFFFFFFF) << 5 ^ value
        for bit, generator in enumerate((0x98F2BC8E61, 0x79B76D99E2, 0xF33E5FB3C4, 0xAE2EABE2A8, 0x1E4F43E470)):
            check ^= generator if top >> bit & 1 else 0
    check ^= 1
    values = values + [check >> 5 * (7 - at) & 31 for at in range(8)]
    return "".join(FIVE_BITS[value] for value in values)


def mixed_case(account):
    digits = account.hex()
    digest = keccak_256(digits.encode()).hex()
    return "0x" + "".join(d.upper() if h > "7" else d for d, h in zip(digits, digest))


def monero(network, data):
    data = bytes([network]) + data
    data += keccak_256(data)[:4]
    blocks = [data[at : at + 8] for at in range(0, len(data), 8)]
    return "".join(base58(block, width=11 if len(block) == 8 else 7) for block in blocks)


def tagged(account, tag):
    flag = b"\0" + bytes(8) if tag is None else b"\1" + tag.to_bytes(4, "little") + bytes(4)
    return checked(b"\x05\x44" + account + flag, XRP)


FORMS = {
    "bitcoin public key hash": lambda r: "bitcoin:" + checked(b"\0" + r(20)),
    "bitcoin script hash": lambda r: "bitcoin:" + checked(b"\5" + r(20)),
    "bitcoin witness 0 of 20": lambda r: "bitcoin:" + witness("bc", 0, r(20)),
    "bitcoin witness 0 of 20 in capitals": lambda r: "bitcoin:" + witness("bc", 0, r(20)).upper(),
    "bitcoin witness 0 of 32": lambda r: "bitcoin:" + witness("bc", 0, r(32)),
    "bitcoin witness 1": lambda r: "bitcoin:" + witness("bc", 1, r(32)),
    "litecoin public key hash": lambda r: "litecoin:" + checked(b"\x30" + r(20)),
    "litecoin script hash": lambda r: "litecoin:" + checked(b"\x32" + r(20)),
    "litecoin script hash of before": lambda r: "litecoin:" + checked(b"\5" + r(20)),
    "litecoin witness 0 of 20": lambda r: "litecoin:" + witness("ltc", 0, r(20)),
    "litecoin witness 0 of 32": lambda r: "litecoin:" + witness("ltc", 0, r(32)),
    "litecoin witness 1": lambda r: "litecoin:" + witness("ltc", 1, r(32)),
    "dogecoin public key hash": lambda r: "dogecoin:" + checked(b"\x1e" + r(20)),
    "dogecoin script hash": lambda r: "dogecoin:" + checked(b"\x16" + r(20)),
    "dash public key hash": lambda r: "dash:" + checked(b"\x4c" + r(20)),
    "dash script hash": lambda r: "dash:" + checked(b"\x10" + r(20)),
    "bitcoincash public key hash": lambda r: "bitcoincash:" + cash_address(0, r(20)),
    "bitcoincash script hash": lambda r: "bitcoincash:" + cash_address(8, r(20)),
    "bitcoincash script hash of 32": lambda r: "bitcoincash:" + cash_address(11, r(32)),
    "bitcoincash token, public key hash": lambda r: "bitcoincash:" + cash_address(16, r(20)),
    "bitcoincash token, script hash": lambda r: "bitcoincash:" + cash_address(24, r(20)),
    "bitcoincash of before, public key hash": lambda r: "bitcoincash:" + checked(b"\0" + r(20)),
    "bitcoincash of before, script hash": lambda r: "bitcoincash:" + checked(b"\5" + r(20)),
    "zcash t1": lambda r: "zcash:" + checked(b"\x1c\xb8" + r(20)),
    "zcash t3": lambda r: "zcash:" + checked(b"\x1c\xbd" + r(20)),
    "zcash tex": lambda r: "zcash:" + bech32("tex", five_bits(r(20)), 0x2BC830A3),
    "tron": lambda r: "tron:" + checked(b"\x41" + r(20)),
    "tron hexadecimal": lambda r: "tron:41" + r(20).hex(),
    "tron hexadecimal with 0x": lambda r: "tron:0x41" + r(20).hex(),
    "evm": lambda r: "evm:" + mixed_case(r(20)),
    "evm in small letters": lambda r: "evm:0x" + r(20).hex(),
    "evm in capitals without 0x": lambda r: "evm:" + r(20).hex().upper(),
    "monero": lambda r: "monero:" + monero(18, r(64)),
    "monero sub-address": lambda r: "monero:" + monero(42, r(64)),
    "monero integrated": lambda r: "monero:" + monero(19, r(64) + b"\1" + r(7)),
    "xrp": lambda r: "xrp:" + checked(b"\0" + r(20), XRP),
    "xrp with a tag": lambda r: "xrp:" + checked(b"\0" + r(20), XRP) + "/" + str(int.from_bytes(r(4), "big")),
    "xrp X-address": lambda r: "xrp:" + tagged(r(20), None),
    "xrp X-address with a tag": lambda r: "xrp:" + tagged(r(20), int.from_bytes(r(4), "big")),
    "solana": lambda r: "solana:" + base58(r(32)),
}


def check():
    """Published examples: ERC-55, BIP-173, XLS-5d, the CashAddr specification."""
    assert keccak_256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    account = bytes.fromhex("5aaeb6053f3e94c9b9a09f33669435e7ef1beaed")
    assert mixed_case(account) == "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
    program = bytes.fromhex("751e76e8199196d454941c45d1b3a323f1433bd6")
    assert witness("bc", 0, program) == "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
    program = bytes.fromhex("76a04053bda0a88bda5177b86a15c3b29f559873")
    assert cash_address(0, program) == "qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a"


def main():
    count = int(sys.argv[1])
    check()
    for form, write in FORMS.items():
        stream = random.Random(form)
        for _ in range(count):
            print(form, write(stream.randbytes), sep="\t")


main()
