package example.interdict;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * Card-shaped runs ({@code docs/identifiers.md}): by their form alone, whatever the check digit. The module has the same rule
 * for what is screened; this one is for what a host keeps of an event. Digits and letters are those of the Unicode version that
 * this Java has.
 */
final class CardNumber {
    /** Default_Ignorable_Code_Point, and marks on the digit before, such as the frame of a keycap. */
    private static final Pattern INVISIBLE = Pattern.compile("[\\x{ad}\\x{34f}\\x{61c}\\x{115f}\\x{1160}\\x{17b4}\\x{17b5}"
            + "\\x{180b}-\\x{180f}\\x{200b}-\\x{200f}\\x{202a}-\\x{202e}\\x{2060}-\\x{206f}\\x{3164}\\x{fe00}-\\x{fe0f}"
            + "\\x{feff}\\x{ffa0}\\x{fff0}-\\x{fff8}\\x{1bca0}-\\x{1bca3}\\x{1d173}-\\x{1d17a}\\x{e0000}-\\x{e0fff}"
            + "\\x{300}-\\x{36f}\\x{1ab0}-\\x{1aff}\\x{1dc0}-\\x{1dff}\\x{20d0}-\\x{20ff}\\x{fe20}-\\x{fe2f}]");
    /** Decimal digits of every script, and those that are raised, lowered, circled, in parentheses or with a full stop. */
    private static final Pattern DIGIT = Pattern.compile("[\\p{Nd}\\x{b2}\\x{b3}\\x{b9}\\x{2070}\\x{2074}-\\x{2079}"
            + "\\x{2080}-\\x{2089}\\x{2460}-\\x{2468}\\x{2474}-\\x{247c}\\x{2488}-\\x{2490}\\x{24ea}\\x{24f5}-\\x{24fd}"
            + "\\x{24ff}\\x{2776}-\\x{277e}\\x{2780}-\\x{2788}\\x{278a}-\\x{2792}\\x{1f100}-\\x{1f10c}]");

    private static final Pattern LETTER = Pattern.compile("\\p{IsAlphabetic}");
    /** Digits on a track; every other run has more. */
    private static final int FEWEST = 12;
    /** Unbroken, or in printed groups with the same separator: 4-4-4-4 (also at the front of 4-4-4-4-3), 4-6-4, 4-6-5. */
    private static final Pattern RUN = Pattern.compile(
            "(?<![DL])(?:D{13,}|D{4}([^DL]+)(?:D{4}\\1D{4}\\1D{4}|D{6}\\1D{4,5}))(?![DL])");
    /** ISO/IEC 7813: track 1, and track 2 as messages carry it. */
    private static final Pattern TRACK =
            Pattern.compile("B[0-9]{12,19}\\^|(?<![0-9A-Za-z])[0-9]{12,19}D[0-9]{7,}(?![0-9A-Za-z])");

    private CardNumber() {}

    /** Whether a text holds a card-shaped run, as it is or with its percent escapes resolved. */
    static boolean isIn(String text) {
        return holds(text) || text.indexOf('%') >= 0 && holds(unescaped(text));
    }

    private static boolean holds(String text) {
        if (DIGIT.matcher(text).results().count() < FEWEST) {
            return false;
        }
        String seen = INVISIBLE.matcher(text).replaceAll("");
        String form = DIGIT.matcher(LETTER.matcher(seen).replaceAll("L")).replaceAll("D");
        return RUN.matcher(form).find() || TRACK.matcher(text).find();
    }

    /** Escapes resolved until none is left, in one pass: each byte completes at most one after another. */
    private static String unescaped(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int end = 0;
        for (byte next : bytes) {
            bytes[end++] = next;
            while (end > 2 && bytes[end - 3] == '%') {
                int value = hex(bytes[end - 2]) << 4 | hex(bytes[end - 1]);
                if (value < 0) {
                    break;
                }
                end -= 2;
                bytes[end - 1] = (byte) value;
            }
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8);
    }

    /** The value of a hexadecimal digit; -1 of anything else. */
    private static int hex(byte digit) {
        return digit < 0 ? -1 : Character.digit((char) digit, 16);
    }
}
