package example.interdict;

import java.util.Locale;

/**
 * What came of refreshing one coalition.
 *
 * @param coalition its name
 * @param outcome whether its lists changed
 * @param why why it failed, or {@code null}; it never has a password
 * @param time when, in seconds since 1970
 */
public record Refreshed(String coalition, Outcome outcome, String why, long time) {
    /** Whether a coalition's lists changed. */
    public enum Outcome {
        /** Newer files are live and saved. */
        UPDATED,
        /** The repository has nothing newer. */
        UNCHANGED,
        /** The lists of before answer. */
        FAILED;

        /**
         * The word that all languages share.
         *
         * @return such as {@code updated}
         */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
