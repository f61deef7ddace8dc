package example.interdict;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an issuer's authorisation event says about the merchant, each as it was sent, and nothing about the payer. What was not
 * sent, or breaks a rule, is {@code null}.
 *
 * @param acquirer the acquiring institution's digits (ISO 8583, DE32)
 * @param acceptor the card acceptor's id (DE42)
 * @param name for people to read: it is never screened, and has no place in a log
 * @param category the merchant category code, four digits
 * @param url the merchant's web address; of one with a card-shaped run, scheme and host
 * @param incomplete which of {@code acquirer}, {@code acceptor} and {@code url} could not be asked about, in this order;
 *     {@code url} only if it was dropped
 */
public record IssuerEvent(
        String acquirer, String acceptor, String name, String category, String url, List<String> incomplete) {
    /** Three times the 11 digits of ISO 8583, for leading zeros. */
    private static final Pattern ACQUIRER = Pattern.compile("[0-9]{1,32}");

    private static final Pattern CATEGORY = Pattern.compile("[0-9]{4}");
    /** Bytes in ISO 8583. An id of no more is often all digits, and is no card number that matters. */
    private static final int ACCEPTOR = 15;
    /** Bytes: four times that, for padding. */
    private static final int LONGEST_ACCEPTOR = 64;
    /** Bytes: more than any scheme sends. */
    private static final int LONGEST_NAME = 256;
    /** What stands before the first stop, and what stands behind the slashes there, up to the next. */
    private static final Pattern ADDRESS = Pattern.compile("([^/\\\\?#]*)[/\\\\]*([^/\\\\?#]*)");

    /**
     * Reads an event.
     *
     * @param issuer whose event it is
     * @param event the body as it was received, after its signature was verified over these bytes
     * @return what it says about the merchant
     * @throws InterdictException of kind {@link Kind#MALFORMED} for what is no event, and {@link Kind#NO_MERCHANT} for one of
     *     another type or that names nobody; no message repeats what was sent
     */
    public static IssuerEvent read(Issuer issuer, byte[] event) {
        Map<String, String> sent = Members.read(event, issuer.plan());
        if (!issuer.isRequest(sent)) {
            throw new InterdictException(Kind.NO_MERCHANT, "the event is of another type");
        }
        String acquirer = kept(sent.get("acquirer"), IssuerEvent::isAcquirer);
        String acceptor = kept(sent.get("acceptor"), IssuerEvent::isAcceptor);
        String address = kept(sent.get("url"), text -> !isBlank(text));
        String url = webAddress(address);
        if (acquirer == null && acceptor == null && url == null) {
            throw new InterdictException(Kind.NO_MERCHANT, "the event names no merchant");
        }
        List<String> incomplete = new ArrayList<>();
        addIf(acquirer == null, "acquirer", incomplete);
        addIf(acceptor == null, "acceptor", incomplete);
        addIf(address != null && url == null, "url", incomplete);
        String name = kept(sent.get("name"), IssuerEvent::isName);
        String category = kept(sent.get("category"), text -> CATEGORY.matcher(text).matches());
        return new IssuerEvent(acquirer, acceptor, name, category, url, List.copyOf(incomplete));
    }

    /**
     * The card acceptor, if both halves of it were sent.
     *
     * @return at most one, with {@code kind} and {@code value}
     */
    public List<Map<String, String>> identifiers() {
        return acquirer == null || acceptor == null
                ? List.of()
                : List.of(Map.of("kind", "card_acceptor", "value", acquirer + "/" + acceptor));
    }

    /**
     * What to give to {@link Gateway#screen}. Half of a card acceptor is in it too, and an empty address for one that was
     * dropped: the verdict of either is never clean.
     *
     * @return a request of flow {@code authorisation}
     */
    public Map<String, Object> request() {
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("flow", "authorisation");
        if (!identifiers().isEmpty()) {
            request.put("identifiers", identifiers());
        } else if (acquirer != null) {
            request.put("iso8583", Map.of("de32", acquirer));
        } else if (acceptor != null) {
            request.put("iso8583", Map.of("de42", acceptor));
        }
        if (url != null || incomplete.contains("url")) {
            request.put("url", url == null ? "" : url);
        }
        if (category != null) {
            request.put("signals", Map.of("mcc", category));
        }
        return request;
    }

    private static void addIf(boolean isMissing, String name, List<String> incomplete) {
        if (isMissing) {
            incomplete.add(name);
        }
    }

    private static String kept(String text, Predicate<String> rule) {
        return text != null && rule.test(text) ? text : null;
    }

    private static boolean isAcquirer(String text) {
        return ACQUIRER.matcher(text).matches() && !CardNumber.isIn(text);
    }

    private static boolean isAcceptor(String text) {
        int size = size(text);
        boolean mayBeCard = size > ACCEPTOR && CardNumber.isIn(text);
        return !isBlank(text) && size <= LONGEST_ACCEPTOR && !mayBeCard;
    }

    private static boolean isName(String text) {
        return !isBlank(text) && size(text) <= LONGEST_NAME && !CardNumber.isIn(text);
    }

    private static boolean isBlank(String text) {
        return text.chars().allMatch(one -> one == ' ');
    }

    private static int size(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /**
     * The address; {@code null} for one to drop. The merchant writes it, so a card-shaped run in it cuts it to scheme and host,
     * which alone are screened: nobody is to keep itself from being screened with a number in a path. The host is found however
     * many slashes stand before it.
     */
    private static String webAddress(String text) {
        if (text == null || !CardNumber.isIn(text)) {
            return text;
        }
        Matcher parts = ADDRESS.matcher(text);
        String first = parts.lookingAt() ? parts.group(1) : "";
        boolean isScheme = first.endsWith(":");
        String authority = isScheme || first.isEmpty() ? parts.group(2) : first;
        String host = authority.substring(authority.lastIndexOf('@') + 1);
        String cut = isScheme ? first + "//" + host : host;
        return isBlank(host) || CardNumber.isIn(cut) ? null : cut;
    }
}
