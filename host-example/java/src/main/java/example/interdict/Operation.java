package example.interdict;

import java.util.Locale;

/** The module's operations; {@code docs/abi.md} has their messages. */
public enum Operation {
    /** Gives coalitions, keys, policy, overrides and secrets. */
    CONFIGURE,
    /** Begins a walk, or repeats which file it needs. */
    POLL,
    /** Answers a walk with a file. */
    SUPPLY,
    /** Screens one request. */
    SCREEN,
    /** Screens one request a line. */
    SCREEN_BATCH,
    /** Says what is live. */
    STATE,
    /** Says what the module is. */
    DESCRIBE;

    /**
     * The word of {@code docs/abi.md}.
     *
     * @return such as {@code screen_batch}
     */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The operation of a word.
     *
     * @param word such as {@code screen_batch}
     * @return the operation
     * @throws InterdictException of kind {@link Kind#INVALID} for any other word
     */
    public static Operation of(String word) {
        for (Operation operation : values()) {
            if (operation.word().equals(word)) {
                return operation;
            }
        }
        throw InterdictException.invalid("docs/abi.md has no such operation");
    }
}
