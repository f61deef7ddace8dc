package example.interdict;

import org.json.JSONObject;

/**
 * The module refused a request. It is no verdict: the merchant was not screened.
 *
 * @param code the number of {@code docs/abi.md}, negative
 * @param name the code's name, such as {@code unknown_field}; {@code null} from a module before ABI 1.1
 * @param path the place in the message; {@code null} if the code concerns all of it
 * @param message a sentence in English that repeats nothing that was sent
 * @param receipt the signed receipt of the refusal as JSON; {@code null} without a receipt key
 * @param text the answer as the module wrote it
 */
public record Refusal(int code, String name, String path, String message, String receipt, String text)
        implements Answer {
    static Refusal read(String text, JSONObject error) {
        String inner = Spans.member(text, "error");
        return new Refusal(
                error.optInt("code"),
                Json.text(error, "name"),
                Json.text(error, "path"),
                error.optString("message"),
                inner == null ? null : Spans.member(inner, "receipt"),
                text);
    }
}
