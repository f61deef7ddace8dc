package example.interdict;

import java.util.Locale;

/** What a verdict asks for, from the mildest to the strictest. */
public enum Action {
    /** Nothing was found, and everything that must answer did. */
    ALLOW,
    /** Note it; nothing else. */
    MONITOR,
    /** A person looks at it. */
    REVIEW,
    /** Nothing is paid out until a person has looked. */
    HOLD_PAYOUT,
    /** Refuse. */
    BLOCK;

    /**
     * The word of {@code docs/abi.md}.
     *
     * @return such as {@code hold_payout}
     */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Action of(String word) {
        for (Action action : values()) {
            if (action.word().equals(word)) {
                return action;
            }
        }
        return null;
    }
}
