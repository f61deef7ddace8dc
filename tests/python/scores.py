"""Scores, in Python alone: `scores.py FIXTURES` checks `score`, the score of `shadow`, the weights of red flags and `odds` of
every verdict in the corpus.

It is written from docs/scoring.md and shares no code with the core. What lists say is taken from the expected reasons;
scores, and which red flags hold, are computed. `scores.py FIXTURES --write` writes what it computes into the cases
instead."""

import json
import math
import pathlib
import re
import sys
import urllib.parse

from signals import read

DEFAULTS = {"prevalence_per_million": 100, "agreement_per_mille": 500, "typology_cap": 12000}
REVIEW = {"onboarding": 500, "authorisation": 600, "payout": 600, "checkout": 600}
# The entries of the sample list that ask to monitor have confidence 0.7, and the test entry 0.1.
MONITOR = (700, 100)


def log_odds(share):
    return math.floor(1000 * math.log2(share / (1 - share)))


def score(total):
    return max(0, min(1000, 600 + total * 30 // 1000))


def half(weight):
    return math.trunc(weight / 2)


# Conditions, by Kleene's strong logic: None is unknown.


def both(one, other):
    return False if False in (one, other) else None if None in (one, other) else True


def either(one, other):
    return True if True in (one, other) else None if None in (one, other) else False


class Condition:
    """A recursive descent over the grammar of docs/scoring.md."""

    ORDER = {
        "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, "=": lambda a, b: a == b,
        "!=": lambda a, b: a != b, ">=": lambda a, b: a >= b, ">": lambda a, b: a > b,
    }

    def __init__(self, text, signals):
        self.words = re.findall(r"[A-Za-z0-9_-]+|[<>!]?=|[<>(){},]", text)
        self.signals = signals

    def peek(self):
        return self.words[0] if self.words else None

    def take(self):
        return self.words.pop(0)

    def any(self):
        value = self.all()
        while self.peek() == "or":
            self.take()
            value = either(value, self.all())
        return value

    def all(self):
        value = self.part()
        while self.peek() == "and":
            self.take()
            value = both(value, self.part())
        return value

    def part(self):
        word = self.take()
        if word == "not":
            value = self.part()
            return None if value is None else not value
        if word == "(":
            value = self.any()
            self.take()
            return value
        if word == "listed":
            # A record counts itself, and a miss says nothing.
            del self.words[:3]
            return None
        left = self.signals.get(word)
        if self.peek() == "in":
            self.take()
            values = []
            while self.take() != "}":
                values.append(self.take())
            return None if left is None else left in values
        if self.peek() not in self.ORDER:
            return left
        order = self.ORDER[self.take()]
        right = self.value(self.take(), left)
        return None if None in (left, right) else order(left, right)

    def value(self, word, left):
        if word in ("true", "false"):
            return word == "true"
        if re.fullmatch(r"-?[0-9]+", word) and not isinstance(left, str):
            return int(word)
        return word if re.fullmatch(r"[0-9]{4}|[A-Z]{2}", word) else self.signals.get(word)


def signals(request):
    known = dict(request.get("signals", {}))
    declared = known.pop("declared_urls", None)
    # What cannot be used is unknown.
    known = {name: read(name, given) for name, given in known.items() if given is not None}
    host = lambda url: urllib.parse.urlsplit(url).hostname
    if declared is not None and "url" in request:
        asked = host(request["url"])
        hosts = [host(one) for one in declared[:16]]
        is_declared = any(asked == one or asked.endswith("." + one) for one in hosts if one)
        # An address that cannot be read, or is beyond the sixteenth, may be that of the page.
        if is_declared or all(hosts) and len(declared) <= 16:
            known["payment_page_declared"] = is_declared
    if "facilitator" in request:
        known["sub_merchant_named"] = "sub_merchant_id" in request["facilitator"]
    return known


def packs(fixtures, case):
    """The rules of every pack that is live, each with its coalition and list."""
    coalitions = case.get("coalitions", [{"name": "se", "repository": case.get("repository")}])
    for coalition in coalitions:
        folder = coalition.get("repository")
        for path in sorted((fixtures / folder / "targets").rglob("*.typologies.json")) if folder else []:
            name = path.name.split(".")[1]
            for rule in json.loads(path.read_text())["rules"]:
                yield coalition["name"], f"{path.parent.name}/{name}", rule


def weigh(fixtures, case, policy):
    """Each rule's weight, as `(coalition, list, id, holds, weight)`. No fixture has two packs."""
    known = signals(case["request"])
    own = {one["rule"]: one for one in policy.get("typology_weights", [])}
    weighed = []
    for coalition, list_id, rule in packs(fixtures, case):
        holds = Condition(rule["when"], known).any()
        counts = {**rule, **own.get(rule["id"], {"otherwise": rule["otherwise"]})}
        weight = {True: max(0, counts["weight"]), False: min(0, counts.get("otherwise", 0)), None: 0}[holds]
        if rule["id"] in policy.get("typologies_off", []):
            weight = 0
        weighed.append([coalition, list_id, rule["id"], holds, weight, rule.get("group")])
    for group in {one[5] for one in weighed if one[5]}:
        members = sorted((one for one in weighed if one[5] == group and one[4]), key=lambda one: -abs(one[4]))
        for weaker in members[1:]:
            weaker[4] = half(weaker[4])
    return [tuple(one[:5]) for one in weighed]


def speakers(records):
    """The confidences of the origins that speak, the highest first: each list lets one speak, and each speaks once."""
    best, lists = {}, {}
    for place, origin, confidence in records:
        best[origin] = max(confidence, best.get(origin, 0))
        lists.setdefault(origin, set()).add(place)
    seats = {}

    def seat(origin, tried):
        for place in lists[origin] - tried:
            tried.add(place)
            if place not in seats or seat(seats[place], tried):
                seats[place] = origin
                return True
        return False

    return [best[origin] for origin in sorted(best, key=lambda one: -best[one]) if seat(origin, set())]


def of_records(records, compact, flags, policy):
    """What these records say together: `listed`, `agreement` and the sum; None if there are none."""
    confidences = speakers(records)
    strongest = max(confidences[:1] + compact, default=None)
    if strongest is None:
        return None
    listed = log_odds(strongest / 1000)
    agreement = sum(max(0, log_odds(one / 1000)) * policy["agreement_per_mille"] // 1000 for one in confidences[1:])
    return listed, agreement, listed + flags + agreement


def confidence(reason):
    """The confidence that has this weight."""
    return next(one for one in range(1, 1000) if log_odds(one / 1000) == reason["weight"])


def evidence(case, policy, weighed):
    """The score and the odds under a policy."""
    given = {**DEFAULTS, **policy}
    flow = case["request"]["flow"]
    own = given.get("flows", {}).get(flow, {})
    review = own.get("review_score", REVIEW[own.get("preset", flow)])
    flags = max(-given["typology_cap"], min(given["typology_cap"], sum(one[4] for one in weighed)))
    verdict = case["verdict"]
    reasons = verdict.get("receipt", verdict)["reasons"]
    records, for_review = [], []
    for reason in reasons:
        if reason["code"] == "listed":
            record = ((reason["coalition"], reason["list"]), reason["origin"], confidence(reason))
            records.append(record)
            if record[2] not in MONITOR:
                for_review.append(record)
    compact = [confidence(reason) for reason in reasons if reason["code"] == "candidate"]
    prior = log_odds(given["prevalence_per_million"] / 1e6)
    unlisted = prior + flags
    best = (min(599, score(unlisted)), unlisted)
    everything = of_records(records, compact, flags, given)
    decisive = of_records(for_review, compact, flags, given)
    said = None
    # Of equal scores, records that ask for review come first, then all records, then the prior.
    if everything and min(review - 1, score(everything[2])) >= best[0]:
        best = (min(review - 1, score(everything[2])), everything[2])
    if everything:
        said = everything
    if decisive and score(decisive[2]) >= min(review - 1, score(everything[2])):
        said = decisive
        if score(decisive[2]) >= best[0]:
            best = (score(decisive[2]), decisive[2])
    listed = {"listed": said[0]} if said else {}
    agreement = said[1] if said else 0
    return best[0], {"prior": prior, "typologies": flags, **listed, "agreement": agreement, "total": best[1]}


def compute(fixtures, case):
    verdict, policy = case["verdict"], case.get("policy", {})
    weighed = weigh(fixtures, case, policy)
    verdict["score"], odds = evidence(case, policy, weighed)
    by_rule = {(coalition, list_id, rule): (holds, weight) for coalition, list_id, rule, holds, weight in weighed}
    receipt = verdict.get("receipt")
    for reason in verdict["reasons"] + (receipt["reasons"] if receipt else []):
        if reason["code"] == "typology":
            reason["weight"] = by_rule[reason["coalition"], reason["list"], reason["rule"]][1]
    for rule in verdict.get("rules", []):
        rule["holds"], rule["weight"] = by_rule[rule["coalition"], rule["list"], rule["rule"]]
    if receipt:
        receipt["score"], receipt["odds"] = verdict["score"], odds
    if "shadow" in verdict:
        shadow = case["shadow"]
        verdict["shadow"]["score"] = evidence(case, shadow, weigh(fixtures, case, shadow))[0]


def written(text, cases):
    """The file's new text. A file in lines of its own keeps them: there only scores are replaced."""
    if json.dumps(json.loads(text), indent=1, ensure_ascii=False) + "\n" == text:
        return json.dumps(cases, indent=1, ensure_ascii=False) + "\n"
    at = 0
    for case in cases:
        at = text.index("{", at)
        _, end = json.JSONDecoder().raw_decode(text, at)
        if "verdict" in case:
            new = re.sub(r'"score": \d+', f'"score": {case["verdict"]["score"]}', text[at:end])
            text, end = text[:at] + new + text[end:], at + len(new)
        at = end
    return text


def main():
    fixtures = pathlib.Path(sys.argv[1])
    wrong, count = [], 0
    for path in sorted((fixtures / "cases").glob("*.json")):
        text = path.read_text()
        cases = json.loads(text)
        for case in cases:
            if "verdict" not in case:
                continue
            committed = json.dumps(case, sort_keys=True)
            compute(fixtures, case)
            count += 1
            if json.dumps(case, sort_keys=True) != committed:
                wrong.append(f"{path.name}: {case['about']}")
        if "--write" in sys.argv[2:] and any("verdict" in case for case in cases):
            path.write_text(written(text, cases))
    if "--write" in sys.argv[2:]:
        return
    for one in wrong:
        print(f"FAILED {one}")
    print(f"{count} cases, {len(wrong)} wrong")


if __name__ == "__main__":
    main()
