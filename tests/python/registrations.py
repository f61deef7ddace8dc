"""Random numbers of companies, and of persons, of many countries, with check digits by the registers' own descriptions. A second
implementation for `tests/tests/lawful.rs`:

    python3 tests/python/registrations.py COUNT

prints COUNT lines of each sort: `company` or `person`, a tab, and the registration as a request gives it.
"""

import random
import sys


def weighted(digits, weights):
    return sum(int(d, 36) * w for d, w in zip(digits, weights))


def luhn(body):
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def until(make):
    """Draws again where a register gives out no number with this body."""
    while True:
        number = make()
        if number is not None:
            return number


def by_11(body, weights, ten=None):
    check = -weighted(body, weights) % 11
    return body + str(check) if check < 10 else (None if ten is None else body + ten)


def two_rounds(body, first, second):
    check = weighted(body, first) % 11
    if check == 10:
        check = weighted(body, second) % 11 % 10
    return body + str(check)


def brazil(body):
    for weights in ([5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2], [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]):
        rest = sum((ord(c) - 48) * w for c, w in zip(body, weights)) % 11
        body += str(0 if rest < 2 else 11 - rest)
    return body


def chile(body):
    check = -sum(int(d) * (2 + at % 6) for at, d in enumerate(reversed(body))) % 11
    return body + "0123456789K"[check]


def china(body):
    characters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    total = sum(characters.index(c) * pow(3, at, 31) for at, c in enumerate(body))
    return body + characters[-total % 31]


def spain(letter, digits):
    check = luhn(digits)
    return letter + digits + ("JABCDEFGHI"[int(check)] if letter in "NPQRSW" else check)


def turkey(body):
    total = 0
    for at, digit in enumerate(body):
        value = (int(digit) + 9 - at) % 10
        total += 0 if value == 0 else value * 2 ** (9 - at) % 9 or 9
    return body + str(-total % 10)


def taiwan(body):
    for check in "0123456789":
        products = [int(d) * w for d, w in zip(body + check, (1, 2, 1, 2, 1, 2, 4, 1))]
        if sum(p // 10 + p % 10 for p in products) % 5 == 0:
            return body + check


def ukraine(body):
    first = [7, 1, 2, 3, 4, 5, 6] if body[0] in "345" else [1, 2, 3, 4, 5, 6, 7]
    return two_rounds(body, first, [weight + 2 for weight in first])


def abn(r):
    body = r(9)
    for check in range(10, 100):
        number = str(check) + body
        weights = (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)
        if (weighted(number, weights) - 10) % 89 == 0:
            return number


def japan(body):
    total = sum(int(d) * (1 if at % 2 == 0 else 2) for at, d in enumerate(reversed(body)))
    return str(9 - total % 9) + body


def ean(body):
    return body + str(-sum(int(d) * (1 if at % 2 == 0 else 3) for at, d in enumerate(body)) % 10)


def czechia(body):
    return body + str((11 - weighted(body, [8, 7, 6, 5, 4, 3, 2]) % 11) % 10)


def thailand(body):
    return body + str((11 - weighted(body, range(13, 1, -1)) % 11) % 10)


def romania(body):
    return body + str(weighted(body.zfill(9), [7, 5, 3, 2, 1, 7, 5, 3, 2]) * 10 % 11 % 10)


def latvia(body):
    total = weighted(body, [9, 1, 4, 8, 3, 10, 2, 5, 7, 6])
    return next((body + d for d in "0123456789" if (total + int(d)) % 11 == 3), None)


def korea(body):
    total = weighted(body, [1, 3, 7, 1, 3, 7, 1, 3, 5]) + int(body[8]) * 5 // 10
    return body + str(-total % 10)


def sorts(rng):
    def r(count, digits="0123456789"):
        return "".join(rng.choice(digits) for _ in range(count))

    def one(choices):
        return rng.choice(choices)

    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    companies = {
        "AR": lambda: by_11(one(["30", "33", "34"]) + r(8), [5, 4, 3, 2, 7, 6, 5, 4, 3, 2], "9"),
        "AT": lambda: "FN " + one("123456789") + r(5) + one("abdfghikmpstvwxyz"),
        "AU acn": lambda: (lambda b: b + str(-weighted(b, [8, 7, 6, 5, 4, 3, 2, 1]) % 10))(r(8)),
        "AU abn": lambda: abn(r),
        "BE": lambda: (lambda b: b + f"{97 - int(b) % 97:02}")("0" + one("123456789") + r(6)),
        "BG": lambda: two_rounds(r(8), range(1, 9), range(3, 11)),
        "BR": lambda: brazil(r(8) + "0001"),
        "BR letters": lambda: brazil(r(12, "0123456789" + letters)),
        "CH": lambda: (lambda n: n and "CHE-" + n)(by_11(r(8), [5, 4, 3, 2, 7, 6, 5, 4])),
        "CL": lambda: chile(one("56789") + r(7)),
        "CN": lambda: china("91" + r(6) + r(9, "0123456789ABCDEFGHJKLMNPQRTUWXY")),
        "CZ": lambda: czechia(r(7)),
        "DE": lambda: "DE" + one(letters) + r(4) + one(["R", "V"]) + ".HRB" + one("123456789") + r(4),
        "DK": lambda: by_11(one("123456789") + r(6), [2, 7, 6, 5, 4, 3, 2]),
        "EE": lambda: two_rounds(one("1789") + r(6), range(1, 8), range(3, 10)),
        "ES": lambda: spain(one("ABCDEFGHJNPQRSUVW"), r(7)),
        "FI": lambda: by_11(r(7), [7, 9, 10, 5, 8, 4, 2]),
        "FR": lambda: (lambda b: b + luhn(b))(r(8)),
        "GB": lambda: one(["", "SC", "NI", "OC"]) + r(6),
        "HR": lambda: r(8),
        "HU": lambda: one(["01", "13", "20"]) + "-" + r(2) + "-" + r(6),
        "IL": lambda: (lambda b: b + luhn(b))("51" + r(6)),
        "IN": lambda: one("LU") + r(5) + r(2, letters) + r(4) + r(3, letters) + r(6),
        "IS": lambda: (lambda n: n and n + one("089"))(by_11(one("4567") + r(7), [3, 2, 7, 6, 5, 4, 3, 2])),
        "IT": lambda: (lambda b: b + luhn(b))(r(10)),
        "JP": lambda: japan(r(12)),
        "KR": lambda: one(["11", "13", "18", "20", "22"]) + r(2) + "11-" + r(7),
        "KR business": lambda: korea(r(9)),
        "LT": lambda: r(9),
        "LU": lambda: "B" + one("123456789") + r(5),
        "LV": lambda: latvia("4" + r(9)),
        "MX": lambda: r(3, letters) + r(6) + r(3, letters),
        "NL": lambda: r(8),
        "NO": lambda: by_11(one("89") + r(7), [3, 2, 7, 6, 5, 4, 3, 2]),
        "NZ": lambda: ean("9429" + r(8)),
        "PL krs": lambda: "0" + r(9),
        "PL nip": lambda: (lambda b, c: b + str(c) if c < 10 else None)(
            *(lambda b: (b, weighted(b, [6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11))(one("123456789") + r(8))
        ),
        "PL regon": lambda: (lambda b: b + str(weighted(b, [8, 9, 2, 3, 4, 5, 6, 7]) % 11 % 10))(r(8)),
        "PT": lambda: (lambda b: b + str((11 - weighted(b, range(9, 1, -1)) % 11) % 11 % 10))(one("5689") + r(7)),
        "RO": lambda: romania(one("123456789") + r(rng.randint(1, 8))),
        "RU": lambda: (lambda b: b + str(int(b) % 11 % 10))(one("15") + r(11)),
        "RU inn": lambda: (lambda b: b + str(weighted(b, [2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10))(r(9)),
        "SE": lambda: (lambda b: b + luhn(b))(r(2) + one("23456789") + r(6)),
        "SG": lambda: one([r(8), r(9)]) + one(letters),
        "SK": lambda: czechia(r(7)),
        "TH": lambda: thailand("0" + r(11)),
        "TR": lambda: turkey(r(9)),
        "TR mersis": lambda: "0" + r(10) + "00001",
        "TW": lambda: taiwan(r(7)),
        "UA": lambda: ukraine(r(7)),
        "ZA": lambda: "20" + r(2) + "/" + r(6) + "/07",
    }
    persons = {
        "AR": lambda: one(["20", "23", "27"]) + r(9),
        "BG": lambda: r(10),
        "BR": lambda: f"{r(3)}.{r(3)}.{r(3)}-{r(2)}",
        "CL": lambda: one("1234") + r(7) + "-" + r(1),
        "CN": lambda: one("123456") + r(5) + one(["19", "20"]) + r(9) + one("0123456789X"),
        "CZ": lambda: r(6) + "/" + r(4),
        "EE": lambda: r(11),
        "ES": lambda: r(8) + one(letters),
        "ES nie": lambda: one("XYZ") + r(7) + one(letters),
        "HR": lambda: r(11),
        "HU": lambda: "8" + r(9),
        "IL": lambda: one("0123") + r(8),
        "IN": lambda: r(3, letters) + "P" + r(1, letters) + r(4) + r(1, letters),
        "IS": lambda: one("0123") + r(9),
        "IT": lambda: r(6, letters) + r(2) + r(1, letters) + r(2) + r(1, letters) + r(3) + r(1, letters),
        "JP": lambda: r(12),
        "KR": lambda: one("03456789") + r(5) + "-" + r(7),
        "LT": lambda: one("3456") + r(10),
        "LV": lambda: one("0123") + r(10),
        "MX": lambda: r(4, letters) + r(6) + r(3, letters),
        "PL": lambda: r(11),
        "PT": lambda: one("1234") + r(8),
        "RO": lambda: one("1256") + r(12),
        "RU": lambda: r(12),
        "RU ogrnip": lambda: "3" + r(14),
        "SE": lambda: r(2) + one("01") + r(7),
        "SG": lambda: one("STFG") + r(7) + one(letters),
        "SK": lambda: r(6) + "/" + r(4),
        "TH": lambda: one("12345678") + r(12),
        "TR": lambda: r(11),
        "TW": lambda: one(letters) + r(9),
        "UA": lambda: r(10),
        "ZA": lambda: r(13),
    }
    return {"company": companies, "person": persons}


def main():
    count = int(sys.argv[1])
    for what, makers in sorts(random.Random(1)).items():
        for name, make in makers.items():
            for _ in range(count):
                print(what, name[:2] + "/" + until(make), sep="\t")


main()
