package example.interdict;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Named members of a JSON object. Everything else is checked to be JSON and skipped, and never becomes a value: a parser
 * makes values of all of it, and {@code org.json} refuses two members with the same name wherever they are.
 */
final class Members {
    /** Which members of an object are read. */
    record Plan(Map<String, String> texts, Map<String, Plan> objects) {
        /** One that reads strings, by the word that each gets. */
        static Plan of(Map<String, String> texts) {
            return new Plan(texts, Map.of());
        }
    }

    private static final Pattern SCALAR =
            Pattern.compile("true|false|null|-?(?:0|[1-9][0-9]*+)(?:\\.[0-9]++)?(?:[eE][+-]?[0-9]++)?");
    private static final String ESCAPES = "\"\\/bfnrt";
    private static final String ESCAPED = "\"\\/\b\f\n\r\t";

    private final String text;
    private final Map<String, String> found = new HashMap<>();
    private int at;

    private Members(String text) {
        this.text = text;
    }

    /**
     * The strings that a plan names, by their words. One that is absent or null is left out, and so is what should be an
     * object and is none; what should be a string and is none is {@code null}.
     *
     * @throws InterdictException of kind {@link Kind#MALFORMED} unless the bytes are one JSON object in UTF-8 whose planned
     *     members are there once
     */
    static Map<String, String> read(byte[] bytes, Plan plan) {
        Members members = new Members(decoded(bytes));
        members.space();
        members.object(plan);
        if (members.at < members.text.length()) {
            throw malformed();
        }
        return members.found;
    }

    /** Reads an object, and the white space behind it. */
    private void object(Plan plan) {
        take('{');
        Set<String> names = new HashSet<>();
        boolean hasMore = !isNext('}');
        while (hasMore) {
            String name = string();
            take(':');
            boolean isPlanned = plan.texts().containsKey(name) || plan.objects().containsKey(name);
            if (isPlanned && !names.add(name)) {
                throw malformed();
            }
            if (plan.texts().containsKey(name)) {
                text(plan.texts().get(name));
            } else if (isPlanned && first() == '{') {
                object(plan.objects().get(name));
            } else {
                skip();
            }
            hasMore = isNext(',');
            if (!hasMore) {
                take('}');
            }
        }
    }

    private void text(String word) {
        if (first() == '"') {
            found.put(word, string());
            return;
        }
        // Only null begins with it.
        if (first() != 'n') {
            found.put(word, null);
        }
        skip();
    }

    /** Passes over a value of any depth, in a loop: an event must not be able to use up the stack. */
    private void skip() {
        Deque<Character> closing = new ArrayDeque<>();
        do {
            if (isNext('{')) {
                if (!isNext('}')) {
                    closing.push('}');
                    name();
                    continue;
                }
            } else if (isNext('[')) {
                if (!isNext(']')) {
                    closing.push(']');
                    continue;
                }
            } else if (first() == '"') {
                quoted();
            } else {
                scalar();
            }
            while (!closing.isEmpty() && !isNext(',')) {
                take(closing.pop());
            }
            if (!closing.isEmpty() && closing.peek() == '}') {
                name();
            }
        } while (!closing.isEmpty());
    }

    private void name() {
        quoted();
        take(':');
    }

    /** A string of whole characters. */
    private String string() {
        String quoted = quoted();
        StringBuilder string = new StringBuilder(quoted.length());
        for (int next = 0; next < quoted.length(); next++) {
            char one = quoted.charAt(next);
            if (one == '\\') {
                next++;
                int escape = ESCAPES.indexOf(quoted.charAt(next));
                if (escape >= 0) {
                    one = ESCAPED.charAt(escape);
                } else {
                    one = (char) Integer.parseInt(quoted, next + 1, next + 5, 16);
                    next += 4;
                }
            }
            string.append(one);
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(string)) {
            throw malformed();
        }
        return string.toString();
    }

    /** A string as it is written, between its quotation marks. */
    private String quoted() {
        if (first() != '"') {
            throw malformed();
        }
        int end = at + 1;
        while (end < text.length() && text.charAt(end) != '"') {
            end += text.charAt(end) == '\\' ? escapeLength(end) : 1;
            if (text.charAt(end - 1) < ' ') {
                throw malformed();
            }
        }
        if (end >= text.length()) {
            throw malformed();
        }
        String quoted = text.substring(at + 1, end);
        pass(end + 1);
        return quoted;
    }

    private int escapeLength(int start) {
        if (start + 1 < text.length() && ESCAPES.indexOf(text.charAt(start + 1)) >= 0) {
            return 2;
        }
        boolean isUnit = start + 6 <= text.length() && text.charAt(start + 1) == 'u';
        for (int next = start + 2; isUnit && next < start + 6; next++) {
            char digit = text.charAt(next);
            isUnit = digit < 0x80 && Character.digit(digit, 16) >= 0;
        }
        if (!isUnit) {
            throw malformed();
        }
        return 6;
    }

    /** A number, {@code true}, {@code false} or {@code null}. */
    private void scalar() {
        Matcher scalar = SCALAR.matcher(text).region(at, text.length());
        if (!scalar.lookingAt()) {
            throw malformed();
        }
        pass(scalar.end());
    }

    private void take(char mark) {
        if (!isNext(mark)) {
            throw malformed();
        }
    }

    /** Whether a mark is next, which is then passed over with the white space behind it. */
    private boolean isNext(char mark) {
        if (first() != mark) {
            return false;
        }
        pass(at + 1);
        return true;
    }

    /** The next character; 0, which stands nowhere outside a string, at the end. */
    private char first() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private void pass(int end) {
        at = end;
        space();
    }

    private void space() {
        while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private static String decoded(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException error) {
            throw malformed();
        }
    }

    private static InterdictException malformed() {
        return new InterdictException(
                Kind.MALFORMED, "the event is not one JSON object that has each member once");
    }
}
