package example.interdict;

/** What the module says about one line of a batch: a {@link Verdict} or a {@link Refusal}. */
public sealed interface Answer permits Verdict, Refusal {
    /**
     * The answer as the module wrote it, without the number of its line.
     *
     * @return a JSON object
     */
    String text();
}
