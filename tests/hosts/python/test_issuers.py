"""What is kept of issuers' events: every case of the fixtures, and what is no case."""

import json
import unittest

from common import FIXTURES, MODULE, NOW

from interdict_host import (
    Instance,
    InterdictError,
    InvalidError,
    Issuer,
    IssuerEvent,
    MalformedError,
    NoMerchantError,
    read_issuer_event,
)
from interdict_host.card_number import holds_card_number

KNOWN = {"name", "source", "issuer", "event", "text", "expect"}
KEPT = ("acquirer", "acceptor", "name", "category", "url")
MARK = "Jenny Payer"
DROPPED = (
    b'{"acquirer":{"institution_id_code":"011610"},'
    b'"card_acceptor":{"mid":"SHOP0001","url":"https://4111111111111111.example"}}'
)
PAYER = "[Pp]ayer|Evergreen|1111"


def cases(name, fewest):
    found = json.loads((FIXTURES / name).read_text(encoding="utf-8"))
    assert len(found) >= fewest, name
    return found


def told(issuer, event):
    try:
        read = read_issuer_event(issuer, event)
    except InterdictError as error:
        return {"error": error.kind}
    kept = {name: getattr(read, name) for name in KEPT if getattr(read, name) is not None}
    lists = {"identifiers": list(read.identifiers), "incomplete": list(read.incomplete)}
    return {**kept, **lists, "request": read.request()}


def lithic(merchant, more=""):
    return f'{{"merchant":{{{merchant}}}{more}}}'.encode("utf-8", "surrogatepass")


class Cases(unittest.TestCase):
    def test_every_case_keeps_what_it_says(self):
        counts = dict.fromkeys(Issuer, 0)
        for case in cases("issuers.json", 290):
            self.assertLessEqual(case.keys(), KNOWN)
            text = case["text"] if "text" in case else json.dumps(case["event"], ensure_ascii=False)
            issuer = Issuer(case["issuer"])
            counts[issuer] += 1
            with self.subTest(case["name"]):
                self.assertEqual(told(issuer, text.encode()), case["expect"])
        self.assertGreater(min(counts.values()), 60)

    def test_card_shaped_runs_are_those_of_the_module(self):
        instance = Instance(MODULE)
        for case in cases("card-shaped.json", 100):
            text = case["text"]
            with self.subTest(text):
                self.assertEqual(holds_card_number(text), case["card_shaped"])
                if len(text.encode()) > 128:
                    continue  # the module drops a longer reference anyway
                request = {"flow": "payout", "url": "https://shop.example", "reference": text}
                answer = json.loads(instance.call("screen", request, NOW))
                self.assertEqual(answer.get("reference_dropped", False), case["card_shaped"])


class Events(unittest.TestCase):
    def test_a_request_is_one_that_the_module_answers(self):
        instance = Instance(MODULE)
        for case in cases("issuers.json", 290):
            request = case["expect"].get("request")
            if request is not None:
                self.assertIn(b'"action"', instance.call("screen", request, NOW))

    def test_half_of_a_card_acceptor_and_a_dropped_address_are_never_clean(self):
        for issuer, event, unused in (
            (Issuer.LITHIC_ASA, lithic('"acceptor_id":"SHOP0001"'), (0, "iso8583.de42", "acquirer_missing")),
            (Issuer.MARQETA_JIT, DROPPED, (1, "url", "empty")),
        ):
            request = read_issuer_event(issuer, event).request()
            answer = json.loads(Instance(MODULE).call("screen", request, NOW))
            self.assertEqual([tuple(one.values()) for one in answer["unused"]], [unused])

    def test_bytes_that_are_no_json_are_malformed(self):
        shop = '"acceptor_id":"SHOP0001"'
        for event in (
            b"\xef\xbb\xbf" + lithic(shop),
            lithic(shop, ',"memo":"\udc80"'),
            lithic(shop)[:-1] + b',"memo":"\xff"}',
            lithic(shop, ',"memo":"\x00"'),
            lithic(shop, ',"memo":"\\x"'),
            lithic(shop, ',"memo":NaN'),
            lithic(shop, ',"memo":-'),
            lithic(shop, ',"memo":01'),
            lithic(shop, ',"memo":1.'),
            lithic(shop, ',"memo":[1,]'),
            lithic(shop, ',"memo":[1}'),
            lithic(shop, ',"memo":{"a":1]'),
            lithic(shop, ',"memo":{"a"}'),
            lithic(shop, ',"memo":{a:1}'),
            lithic(shop, ',"memo":{"a":1,}'),
            lithic(shop, ',"memo":truex'),
            lithic(shop, ","),
            lithic(shop, ',"memo"'),
            lithic(shop, ',"memo":'),
            lithic(shop, ",\u00a0"),
            lithic('"acceptor_id":"\\ud800"'),
            lithic('"acceptor_id":"\\udc00\\ud800"'),
            lithic(shop + ',"\\ud800":1'),
            lithic(shop) + b"\x00",
            b"{",
        ):
            with self.subTest(event), self.assertRaises(MalformedError):
                read_issuer_event(Issuer.LITHIC_ASA, event)

    def test_what_is_not_read_may_be_anything_that_is_json(self):
        for more in (
            ',"memo":1,"memo":2',
            ',"memo":{"a":1,"a":[{}]}',
            ',"memo":"\\ud800"',
            ',"type":7,"type":8',
            ',"memo":[[],{},[{"a":[]}],-0.5e+7,true,false,null," "]',
            ',"memo":123456789012345678901234567890' + "1" * 5000,
            ',"memo":' + "[" * 30_000 + "]" * 30_000,
            ',"memo":' + '{"a":' * 30_000 + "1" + "}" * 30_000,
        ):
            with self.subTest(more[:40]):
                event = read_issuer_event(Issuer.LITHIC_ASA, lithic('"acceptor_id":"SHOP0001"', more))
                self.assertEqual(event.acceptor, "SHOP0001")
        deep = lithic('"acceptor_id":' + "[" * 30_000 + "]" * 30_000)
        self.assertRaises(NoMerchantError, lambda: read_issuer_event(Issuer.LITHIC_ASA, deep))

    def test_escapes_are_read_as_what_they_stand_for(self):
        event = read_issuer_event(Issuer.LITHIC_ASA, lithic('"acceptor_id":"\\u0053\\/\\"\\\\\\ud83d\\uDE00"'))
        self.assertEqual(event.acceptor, 'S/"\\\U0001f600')

    def test_nothing_of_the_payer_is_kept_or_told(self):
        for case in cases("issuers.json", 290):
            if "event" in case and "published" in case["name"]:
                text = json.dumps(case["event"])
                self.assertRegex(text, PAYER)
                read = read_issuer_event(Issuer(case["issuer"]), text.encode())
                self.assertNotRegex(repr(read) + repr(read.request()), PAYER)
        for event in (
            f'{{"{MARK}":"{MARK}"}}',
            f'{{"merchant":"{MARK}"}}',
            f'{{"{MARK}',
            f'{{"merchant":{{"{MARK}"',
            f'{{"{MARK}":"\udcff"}}',
            f'{{"merchant":{{"descriptor":"{MARK}\\ud800"}}}}',
        ):
            with self.assertRaises(InterdictError) as caught:
                read_issuer_event(Issuer.LITHIC_ASA, event.encode(errors="surrogateescape"))
            error = caught.exception
            self.assertNotIn("Jenny", f"{error} {error!r}")
            self.assertIsNone(error.__cause__ or error.__context__)

    def test_a_wrong_argument_is_invalid(self):
        self.assertRaises(InvalidError, lambda: read_issuer_event("lithic-asa", b"{}"))
        self.assertRaises(InvalidError, lambda: read_issuer_event(Issuer.LITHIC_ASA, "{}"))

    def test_an_event_cannot_be_changed(self):
        event = read_issuer_event(Issuer.LITHIC_ASA, lithic('"acceptor_id":"SHOP0001"'))
        with self.assertRaises(AttributeError):
            event.acceptor = "SHOP0002"
        self.assertEqual(event, IssuerEvent(None, "SHOP0001", None, None, None, ("acquirer",)))


if __name__ == "__main__":
    unittest.main()
