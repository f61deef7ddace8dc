package example.interdict;

import java.util.Set;

/** What happens at a door: the table of doors in {@code docs/abi.md}, in one function. */
public enum Decision {
    /** The payment, payout or merchant goes on. */
    PASS,
    /** It waits for a person. */
    HOLD,
    /** It is refused. */
    REFUSE;

    private static final Set<String> HOLDING = Set.of("onboarding", "payout");
    private static final Set<String> INSTANT = Set.of("authorisation", "checkout");
    /** Words of {@code because} that say that a list has the merchant. */
    private static final Set<String> LISTED = Set.of("record", "candidate");

    /**
     * Decides at a door that can hold.
     *
     * @param action a word of {@link Action}
     * @param because the verdict's {@code because}, or {@code null}
     * @param flow {@code onboarding}, {@code authorisation}, {@code payout} or {@code checkout}
     * @return what to do
     * @throws InterdictException of kind {@link Kind#INVALID} for an unknown word
     */
    public static Decision of(String action, String because, String flow) {
        return of(action, because, flow, true);
    }

    /**
     * Decides at a door. One that cannot hold refuses whom a list has, and has no decision about anybody else whom
     * the table says to hold: that is an error, so that nobody takes it for a pass.
     *
     * @param action a word of {@link Action}
     * @param because the verdict's {@code because}, or {@code null}
     * @param flow {@code onboarding}, {@code authorisation}, {@code payout} or {@code checkout}
     * @param holds whether this door can hold
     * @return what to do
     * @throws InterdictException of kind {@link Kind#INVALID} for an unknown word, {@link Kind#NOT_SCREENED} if the
     *     door would have to hold and cannot
     */
    public static Decision of(String action, String because, String flow, boolean holds) {
        Action known = Action.of(action);
        if (known == null) {
            throw InterdictException.invalid("the action is not one of the five words");
        }
        if (flow == null || !(HOLDING.contains(flow) || INSTANT.contains(flow))) {
            throw InterdictException.invalid("the flow is not one of the four words");
        }
        return switch (known) {
            case ALLOW, MONITOR -> PASS;
            case REVIEW, HOLD_PAYOUT -> INSTANT.contains(flow) ? PASS : held(because, holds);
            case BLOCK -> REFUSE;
        };
    }

    private static Decision held(String because, boolean holds) {
        if (holds) {
            return HOLD;
        }
        if (because != null && LISTED.contains(because)) {
            return REFUSE;
        }
        throw new InterdictException(Kind.NOT_SCREENED, "no list has the merchant, and this door cannot hold");
    }
}
