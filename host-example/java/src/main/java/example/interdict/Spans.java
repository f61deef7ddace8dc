package example.interdict;

import java.util.ArrayList;
import java.util.List;

/**
 * Parts of JSON texts as they were written: the digest of a receipt is over its bytes, and an enrolment goes to the
 * module as it is. The texts are well-formed: the module wrote them, or a strict reader has read them.
 */
final class Spans {
    private Spans() {}

    /** The value of an object's own member; {@code null} if it has none of this name. */
    static String member(String object, String name) {
        int at = blank(object, object.indexOf('{') + 1);
        while (at < object.length() && object.charAt(at) == '"') {
            int nameEnd = end(object, at);
            int value = blank(object, blank(object, nameEnd) + 1);
            int valueEnd = end(object, value);
            if (object.substring(at + 1, nameEnd - 1).equals(name)) {
                return object.substring(value, valueEnd);
            }
            at = blank(object, blank(object, valueEnd) + 1);
        }
        return null;
    }

    /** The elements of an array. */
    static List<String> elements(String array) {
        List<String> elements = new ArrayList<>();
        int at = blank(array, array.indexOf('[') + 1);
        while (at < array.length() && array.charAt(at) != ']') {
            int end = end(array, at);
            elements.add(array.substring(at, end));
            at = blank(array, end);
            at = at < array.length() && array.charAt(at) == ',' ? blank(array, at + 1) : at;
        }
        return elements;
    }

    /** Behind the value that begins here. */
    private static int end(String text, int start) {
        int depth = 0;
        int at = start;
        while (at < text.length()) {
            char next = text.charAt(at);
            boolean isPlain = "\"{}[]".indexOf(next) < 0;
            if (isPlain && depth == 0 && (next <= ' ' || next == ',' || next == ':')) {
                return at;
            }
            if (next == '}' || next == ']') {
                depth--;
            } else if (next == '{' || next == '[') {
                depth++;
            }
            if (depth < 0) {
                return at;
            }
            at = next == '"' ? quoteEnd(text, at) + 1 : at + 1;
            if (!isPlain && depth == 0) {
                return at;
            }
        }
        return text.length();
    }

    private static int quoteEnd(String text, int start) {
        int at = start + 1;
        while (at < text.length() && text.charAt(at) != '"') {
            at += text.charAt(at) == '\\' ? 2 : 1;
        }
        return at;
    }

    private static int blank(String text, int start) {
        int at = start;
        while (at < text.length() && text.charAt(at) <= ' ') {
            at++;
        }
        return at;
    }
}
