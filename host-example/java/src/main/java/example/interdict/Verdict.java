package example.interdict;

import java.util.ArrayList;
import java.util.List;
import org.json.JSONArray;
import org.json.JSONObject;

/**
 * What the lists say about one request. {@code docs/abi.md} has the fields and {@code docs/scoring.md} their words;
 * whatever has no field here is in {@code text}.
 *
 * @param action what it asks for
 * @param because in one word why the action is above {@link Action#ALLOW}; otherwise {@code null}
 * @param score 0 to 1000
 * @param degraded whether a list that must answer could not in full, or time or state is in doubt
 * @param reasons why, the weightiest first
 * @param lists the lists that were asked
 * @param unchecked the kinds in the request that no list checked
 * @param unused the fields of the request that yielded no identifier: nothing was asked about them
 * @param doubts why time or state is in doubt
 * @param policy the digest of the policy that decided; {@code null} before one is configured
 * @param receipt the signed receipt as JSON, byte for byte; {@code null} if there is none
 * @param reference the request's own reference; {@code null} if it had none
 * @param text the answer as the module wrote it
 */
public record Verdict(
        Action action,
        String because,
        int score,
        boolean degraded,
        List<Reason> reasons,
        List<AskedList> lists,
        List<String> unchecked,
        List<Unused> unused,
        List<String> doubts,
        String policy,
        String receipt,
        String reference,
        String text)
        implements Answer {
    /**
     * One reason of a verdict.
     *
     * @param code what was found, such as {@code listed}; words may be added
     * @param identifier which field of the request it is about, from 0; -1 if it is about none
     * @param coalition whose list it is; {@code null} if no list is the reason
     * @param list the list's id, or {@code null}
     * @param source who reported the merchant, or {@code null}
     * @param category what the merchant is listed for, or {@code null}
     * @param relation {@code itself}, {@code parent} or {@code label}, or {@code null}
     * @param sentence the reason in the request's language; {@code null} unless it asked for one
     */
    public record Reason(
            String code,
            int identifier,
            String coalition,
            String list,
            String source,
            String category,
            String relation,
            String sentence) {
        private static Reason read(JSONObject reason) {
            return new Reason(
                    reason.optString("code"),
                    reason.optInt("identifier", -1),
                    Json.text(reason, "coalition"),
                    Json.text(reason, "list"),
                    Json.text(reason, "source"),
                    Json.text(reason, "category"),
                    Json.text(reason, "relation"),
                    Json.text(reason, "text"));
        }
    }

    /**
     * A list that was asked.
     *
     * @param coalition whose list it is
     * @param list its id
     * @param edition {@code member}, {@code compact} or {@code public}
     * @param sequence raised with every release
     * @param freshness {@code fresh}, or how old it is in a word
     * @param ageSeconds how old it is
     */
    public record AskedList(
            String coalition, String list, String edition, long sequence, String freshness, long ageSeconds) {
        private static AskedList read(JSONObject list) {
            return new AskedList(
                    Json.text(list, "coalition"),
                    Json.text(list, "list"),
                    Json.text(list, "edition"),
                    list.optLong("sequence"),
                    Json.text(list, "freshness"),
                    list.optLong("age_s"));
        }
    }

    /**
     * A field that yielded no identifier.
     *
     * @param identifier which field of the request it is, from 0, as in {@link Reason#identifier()}
     * @param path where it is in the request, such as {@code iso8583.de42}
     * @param rule the rule that it breaks, such as {@code iban_check_digits}
     */
    public record Unused(int identifier, String path, String rule) {
        private static Unused read(JSONObject unused) {
            return new Unused(unused.optInt("identifier", -1), Json.text(unused, "path"), Json.text(unused, "rule"));
        }
    }

    /**
     * What happens at a door that can hold.
     *
     * @param flow the request's flow
     * @return {@link Decision#of(String, String, String)} of this verdict
     */
    public Decision decision(String flow) {
        return decision(flow, true);
    }

    /**
     * What happens at a door.
     *
     * @param flow the request's flow
     * @param holds whether this door can hold
     * @return {@link Decision#of(String, String, String, boolean)} of this verdict
     */
    public Decision decision(String flow, boolean holds) {
        return Decision.of(action.word(), because, flow, holds);
    }

    /** Whether a list has the merchant. */
    boolean isListed() {
        return "record".equals(because)
                || "candidate".equals(because)
                || reasons.stream().anyMatch(reason -> reason.list() != null && reason.relation() != null);
    }

    /** Whether every list that was asked is a filter alone. */
    boolean isWithoutRecords() {
        return !lists.isEmpty() && lists.stream().noneMatch(list -> list.edition().equals("member"));
    }

    /** Reads the answer to one request. */
    static Verdict read(String text, JSONObject answer) {
        Action action = Action.of(Json.text(answer, "action"));
        if (action == null || !(answer.opt("degraded") instanceof Boolean degraded)) {
            throw InterdictException.answer("the module's answer is not one that this host understands");
        }
        return new Verdict(
                action,
                Json.text(answer, "because"),
                answer.optInt("score"),
                degraded,
                all(answer.optJSONArray("reasons"), Reason::read),
                all(answer.optJSONArray("lists"), AskedList::read),
                Json.texts(answer, "unchecked"),
                all(answer.optJSONArray("unused"), Unused::read),
                Json.texts(answer, "doubts"),
                Json.text(answer, "policy"),
                answer.has("receipt") ? Spans.member(text, "receipt") : null,
                Json.text(answer, "reference"),
                text);
    }

    private static <T> List<T> all(JSONArray array, java.util.function.Function<JSONObject, T> read) {
        List<T> all = new ArrayList<>();
        for (int index = 0; array != null && index < array.length(); index++) {
            all.add(read.apply(array.getJSONObject(index)));
        }
        return List.copyOf(all);
    }
}
