package example.interdict;

import java.time.Duration;

/**
 * How long a repository may take.
 *
 * @param connect until the connection is established
 * @param response until the answer begins
 * @param file from the request to the last byte of a file
 * @param refresh for all files of one refresh of a coalition
 */
public record Patience(Duration connect, Duration response, Duration file, Duration refresh) {
    /** 10 and 10 seconds, a minute for a file, ten minutes for a refresh. */
    public static final Patience DEFAULT = new Patience(
            Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofSeconds(60), Duration.ofSeconds(600));

    /**
     * Refuses times that are absent, zero or negative.
     *
     * @param connect until the connection is established
     * @param response until the answer begins
     * @param file from the request to the last byte of a file
     * @param refresh for all files of one refresh of a coalition
     */
    public Patience {
        for (Duration one : new Duration[] {connect, response, file, refresh}) {
            if (one == null || one.isZero() || one.isNegative()) {
                throw InterdictException.invalid("a time limit must be positive");
            }
        }
    }
}
