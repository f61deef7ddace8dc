package example.interdict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.json.JSONArray;
import org.json.JSONObject;
import org.junit.jupiter.api.Test;

class IssuerEventTest {
    private static final Set<String> KNOWN = Set.of("name", "source", "issuer", "event", "text", "expect");
    /** What the published samples say about payers. */
    private static final Pattern PAYER = Pattern.compile("[Pp]ayer|Evergreen|1111");

    private static final String DROPPED = "{\"acquirer\":{\"institution_id_code\":\"011610\"},"
            + "\"card_acceptor\":{\"mid\":\"SHOP0001\",\"url\":\"https://4111111111111111.example\"}}";
    private static final String SHOP = "\"acceptor_id\":\"SHOP0001\"";

    @Test
    void everyCaseKeepsWhatItSays() {
        Map<Issuer, Integer> counts = new EnumMap<>(Issuer.class);
        for (JSONObject one : cases("issuers.json", 290)) {
            assertTrue(KNOWN.containsAll(one.keySet()), one.getString("name"));
            JSONObject told = told(issuer(one), event(one));
            JSONObject expected = one.getJSONObject("expect");
            assertTrue(expected.similar(told), () -> one.getString("name") + ": " + told);
            counts.merge(issuer(one), 1, Integer::sum);
        }
        for (Issuer issuer : Issuer.values()) {
            assertTrue(counts.getOrDefault(issuer, 0) > 60, issuer.word());
        }
    }

    @Test
    void cardShapedRunsAreThoseOfTheModule() {
        Instance instance = new Instance(Module.builtIn());
        for (JSONObject one : cases("card-shaped.json", 100)) {
            String text = one.getString("text");
            boolean isCard = one.getBoolean("card_shaped");
            assertEquals(isCard, CardNumber.isIn(text), text);
            if (text.getBytes(StandardCharsets.UTF_8).length > 128) {
                continue; // the module drops a longer reference anyway
            }
            Map<String, String> request = Map.of("flow", "payout", "url", "https://shop.example", "reference", text);
            JSONObject answer = screened(instance, request);
            assertEquals(isCard, answer.optBoolean("reference_dropped"), text);
        }
    }

    @Test
    void theModuleAnswersEachRequestAndWhatIsIncompleteByRuleIsNeverClean() {
        Instance instance = new Instance(Module.builtIn());
        for (JSONObject one : cases("issuers.json", 290)) {
            if (one.getJSONObject("expect").has("request")) {
                IssuerEvent event = IssuerEvent.read(issuer(one), event(one));
                assertTrue(screened(instance, event.request()).has("action"));
            }
        }
        Verdict.Unused half = new Verdict.Unused(0, "iso8583.de42", "acquirer_missing");
        assertEquals(List.of(half), unused(instance, lithic(lithic(SHOP, ""))));
        IssuerEvent dropped = IssuerEvent.read(Issuer.MARQETA_JIT, DROPPED.getBytes(StandardCharsets.UTF_8));
        assertEquals(List.of(new Verdict.Unused(1, "url", "empty")), unused(instance, dropped));
    }

    @Test
    void bytesThatAreNoJsonAreMalformed() {
        for (String value : List.of(
                "\"\0\"", "\"\n\"", "\"\\x\"", "\"\\u12\"", "\"\\u00\uff11\uff11\"", "\"\\", "NaN", "-", "01", "1.", "1e", "[1,]",
                "[1}", "{\"a\":1]", "{\"a\"}", "{a:1}", "{\"a\":1,}", "truex", "")) {
            assertEquals(Kind.MALFORMED, kindOf(lithic(SHOP, ",\"memo\":" + value)), value);
        }
        for (String event : List.of(
                "\ufeff" + lithic(SHOP, ""), lithic(SHOP, ","), lithic(SHOP, ",\"memo\""), lithic(SHOP, ",\u00a0"),
                lithic("\"acceptor_id\":\"\\ud800\"", ""), lithic("\"acceptor_id\":\"\\udc00\\ud800\"", ""),
                lithic(SHOP + ",\"\\ud800\":1", ""), lithic(SHOP, "") + "\0", "{", "")) {
            assertEquals(Kind.MALFORMED, kindOf(event), event);
        }
        byte[] latin = lithic(SHOP, ",\"memo\":\"\u00ff\"").getBytes(StandardCharsets.ISO_8859_1);
        InterdictException error =
                assertThrows(InterdictException.class, () -> IssuerEvent.read(Issuer.LITHIC_ASA, latin));
        assertEquals(Kind.MALFORMED, error.kind());
    }

    @Test
    void whatIsNotReadMayBeAnythingThatIsJson() {
        for (String more : List.of(
                ",\"memo\":1,\"memo\":2", ",\"memo\":{\"a\":1,\"a\":[{}]}", ",\"memo\":\"\\ud800\"", ",\"type\":7,\"type\":8",
                ",\"memo\":[[],{},[{\"a\":[]}],-0.5e+7,10,0,true,false,null,\" \"]",
                ",\"memo\":" + deep("[", "]"), ",\"memo\":" + deep("{\"a\":", "}"),
                ",\"memo\":\"" + "\\n".repeat(1_000_000) + "\"", ",\"memo\":" + "1".repeat(1_000_000))) {
            assertEquals("SHOP0001", lithic(lithic(SHOP, more)).acceptor());
        }
        assertEquals(Kind.NO_MERCHANT, kindOf(lithic("\"acceptor_id\":" + deep("[", "]"), "")));
    }

    @Test
    void escapesAreReadAsWhatTheyStandFor() {
        IssuerEvent event = lithic(lithic("\"acceptor_id\":\"\\u0053\\/\\\"\\\\\\b\\f\\n\\r\\t\\ud83d\\uDE00\u00fc\"", ""));
        assertEquals("S/\"\\\b\f\n\r\t\ud83d\ude00\u00fc", event.acceptor());
    }

    @Test
    void nothingOfThePayerIsKeptOrTold() {
        int published = 0;
        for (JSONObject one : cases("issuers.json", 290)) {
            if (one.getString("name").endsWith("the published sample")) {
                published++;
                assertTrue(PAYER.matcher(one.getJSONObject("event").toString()).find());
                IssuerEvent read = IssuerEvent.read(issuer(one), event(one));
                assertFalse(PAYER.matcher(read + " " + read.request()).find(), one.getString("name"));
            }
        }
        assertEquals(4, published);
        for (String event : List.of(
                "{\"Jenny\":\"Jenny\"}", "{\"merchant\":\"Jenny\"}", "{\"Jenny", "{\"merchant\":{\"Jenny\"")) {
            InterdictException error = assertThrows(InterdictException.class, () -> lithic(event));
            StringWriter trace = new StringWriter();
            error.printStackTrace(new PrintWriter(trace));
            assertFalse(trace.toString().contains("Jenny"), event);
        }
    }

    @Test
    void anEventCannotBeChanged() {
        IssuerEvent event = lithic(lithic(SHOP, ""));
        assertThrows(UnsupportedOperationException.class, () -> event.incomplete().add("url"));
    }

    private static List<JSONObject> cases(String name, int fewest) {
        JSONArray array = new JSONArray(Fixtures.text(Fixtures.FOLDER.resolve(name)));
        assertTrue(array.length() >= fewest, name);
        List<JSONObject> cases = new java.util.ArrayList<>();
        for (int index = 0; index < array.length(); index++) {
            cases.add(array.getJSONObject(index));
        }
        return cases;
    }

    private static Issuer issuer(JSONObject one) {
        return List.of(Issuer.values()).stream()
                .filter(issuer -> issuer.word().equals(one.getString("issuer")))
                .findFirst()
                .orElseThrow();
    }

    private static byte[] event(JSONObject one) {
        String text = one.has("text") ? one.getString("text") : one.getJSONObject("event").toString();
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** What was read, in the words of the cases. */
    private static JSONObject told(Issuer issuer, byte[] event) {
        try {
            IssuerEvent read = IssuerEvent.read(issuer, event);
            return new JSONObject()
                    .put("acquirer", read.acquirer())
                    .put("acceptor", read.acceptor())
                    .put("name", read.name())
                    .put("category", read.category())
                    .put("url", read.url())
                    .put("identifiers", new JSONArray(read.identifiers()))
                    .put("incomplete", new JSONArray(read.incomplete()))
                    .put("request", new JSONObject(read.request()));
        } catch (InterdictException error) {
            return new JSONObject().put("error", error.kind().word());
        }
    }

    private static JSONObject screened(Instance instance, Map<String, ?> request) {
        byte[] message = new JSONObject(request).toString().getBytes(StandardCharsets.UTF_8);
        return new JSONObject(Text.of(instance.call(Operation.SCREEN, message, Fixtures.NOW)));
    }

    private static List<Verdict.Unused> unused(Instance instance, IssuerEvent event) {
        JSONObject answer = screened(instance, event.request());
        return Verdict.read(answer.toString(), answer).unused();
    }

    private static String lithic(String merchant, String more) {
        return "{\"merchant\":{" + merchant + "}" + more + "}";
    }

    private static IssuerEvent lithic(String event) {
        return IssuerEvent.read(Issuer.LITHIC_ASA, event.getBytes(StandardCharsets.UTF_8));
    }

    private static Kind kindOf(String event) {
        return assertThrows(InterdictException.class, () -> lithic(event)).kind();
    }

    private static String deep(String begin, String end) {
        return begin.repeat(30_000) + "1" + end.repeat(30_000);
    }
}
