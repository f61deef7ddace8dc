package example.interdict;

import java.util.ArrayList;
import java.util.List;
import org.json.JSONArray;
import org.json.JSONException;
import org.json.JSONObject;
import org.json.JSONParserConfiguration;

/** Reads what the module answers, and what it is asked. Nothing lenient is read. */
final class Json {
    private static final JSONParserConfiguration STRICT = new JSONParserConfiguration().withStrictMode(true);

    private Json() {}

    /** An object that the module answered. */
    static JSONObject answer(String text) {
        try {
            return new JSONObject(text, STRICT);
        } catch (JSONException | StackOverflowError error) {
            throw InterdictException.answer("the module's answer is no JSON object");
        }
    }

    /** An object that the caller gave; the error never repeats it. */
    static JSONObject given(String text, String what) {
        try {
            return new JSONObject(text, STRICT);
        } catch (JSONException | StackOverflowError error) {
            throw InterdictException.invalid(what + " is no JSON object");
        }
    }

    /** A text member; {@code null} if it is absent. */
    static String text(JSONObject object, String name) {
        return object.opt(name) instanceof String text ? text : null;
    }

    /** An array of texts; empty if it is absent. */
    static List<String> texts(JSONObject object, String name) {
        JSONArray array = object.optJSONArray(name);
        List<String> texts = new ArrayList<>();
        for (int index = 0; array != null && index < array.length(); index++) {
            texts.add(array.optString(index));
        }
        return List.copyOf(texts);
    }

    /** A text as JSON. */
    static String quote(String text) {
        return JSONObject.quote(text);
    }

    /** Texts as a JSON array. */
    static String array(List<String> texts) {
        return new JSONArray(texts).toString();
    }
}
