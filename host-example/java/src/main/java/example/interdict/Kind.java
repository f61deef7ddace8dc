package example.interdict;

import java.util.Locale;

/** What went wrong, in the words that the hosts of all languages share. */
public enum Kind {
    /** The module refused the message; {@link InterdictException#refusal()} has its code and its name. */
    REFUSED,
    /** The module trapped, or ran out of memory or stack. The instance is gone; a gateway replaces it. */
    TRAPPED,
    /** The file is no module of this ABI, or would be interpreted instead of compiled. */
    FOREIGN_MODULE,
    /** The module's answer was not understood. */
    ANSWER,
    /** There is no state directory. */
    STORE_MISSING,
    /** A file of the state directory cannot be read or written, or is not what it must be. */
    STORE_DAMAGED,
    /** Another process changes the state directory. */
    STORE_BUSY,
    /** The coalition is enrolled with another root or other keys. */
    ENROLMENT_DIFFERS,
    /** No list decided, and the door cannot hold: ask a person, or try again. */
    NOT_SCREENED,
    /** The reserved test names were not found, or the clean one was. */
    SELFTEST,
    /** The gateway is closed. */
    CLOSED,
    /** An argument was wrong; the module was not asked. */
    INVALID,
    /** An issuer's event is not one JSON object that has each member once. */
    MALFORMED,
    /** An issuer's event is of another type, or names no merchant. */
    NO_MERCHANT;

    /**
     * The word that all languages share.
     *
     * @return such as {@code store_busy}
     */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
