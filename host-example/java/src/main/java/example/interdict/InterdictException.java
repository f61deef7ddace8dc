package example.interdict;

import java.util.Optional;

/** There is no answer, and so no verdict: never let a payment pass because of it. */
public final class InterdictException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** What went wrong. */
    private final Kind kind;

    private final transient Refusal refusal;

    InterdictException(Kind kind, String message) {
        this(kind, message, null);
    }

    InterdictException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.refusal = null;
    }

    InterdictException(Refusal refusal, String message) {
        super(message);
        this.kind = Kind.REFUSED;
        this.refusal = refusal;
    }

    static InterdictException invalid(String message) {
        return new InterdictException(Kind.INVALID, message);
    }

    static InterdictException answer(String message) {
        return new InterdictException(Kind.ANSWER, message);
    }

    static InterdictException damaged(Object path, String why) {
        return new InterdictException(Kind.STORE_DAMAGED, path + ": " + why);
    }

    /**
     * What went wrong.
     *
     * @return the kind
     */
    public Kind kind() {
        return kind;
    }

    /**
     * The module's own code.
     *
     * @return a negative number of {@code docs/abi.md}, or 0 if the host found the fault
     */
    public int code() {
        return refusal == null ? 0 : refusal.code();
    }

    /**
     * What the module said when it refused.
     *
     * @return empty unless the kind is {@link Kind#REFUSED}
     */
    public Optional<Refusal> refusal() {
        return Optional.ofNullable(refusal);
    }
}
