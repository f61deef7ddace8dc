package example.interdict;

import java.util.Locale;

/** Which answers have a signed receipt. */
public enum Receipts {
    /** All of them. */
    ALWAYS,
    /** Refusals, and verdicts with any action but {@link Action#ALLOW}. */
    FINDINGS,
    /** None. */
    NEVER;

    /**
     * The word of {@code docs/abi.md}.
     *
     * @return such as {@code findings}
     */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
