package example.interdict;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a gateway is opened with. {@code Options.builder().build()} has every default. */
public final class Options {
    private final String policy;
    private final List<String> enrolments;
    private final int workers;
    private final Module module;
    private final InstantSource clock;
    private final Receipts receipts;
    private final ReceiptListener onReceipt;
    private final Set<String> privateCoalitions;
    private final boolean allPrivate;
    private final Patience patience;

    private Options(Builder builder) {
        policy = builder.policy;
        enrolments = List.copyOf(builder.enrolments);
        workers = builder.workers;
        module = builder.module == null ? Module.builtIn() : builder.module;
        clock = builder.clock;
        receipts = builder.receipts;
        onReceipt = builder.onReceipt;
        privateCoalitions = Set.copyOf(builder.privateCoalitions);
        allPrivate = builder.allPrivate;
        patience = builder.patience;
    }

    /**
     * Begins with every default.
     *
     * @return the builder
     */
    public static Builder builder() {
        return new Builder();
    }

    String policy() {
        return policy;
    }

    List<String> enrolments() {
        return enrolments;
    }

    int workers() {
        return workers;
    }

    Module module() {
        return module;
    }

    InstantSource clock() {
        return clock;
    }

    Receipts receipts() {
        return receipts;
    }

    ReceiptListener onReceipt() {
        return onReceipt;
    }

    boolean allowsPrivate(String coalition) {
        return allPrivate || privateCoalitions.contains(coalition);
    }

    Patience patience() {
        return patience;
    }

    /** Takes the options one by one. */
    public static final class Builder {
        private String policy;
        private final List<String> enrolments = new ArrayList<>();
        private int workers = Math.min(4, Runtime.getRuntime().availableProcessors());
        private Module module;
        private InstantSource clock = InstantSource.system();
        private Receipts receipts = Receipts.ALWAYS;
        private ReceiptListener onReceipt;
        private final Set<String> privateCoalitions = new HashSet<>();
        private boolean allPrivate;
        private Patience patience = Patience.DEFAULT;

        private Builder() {}

        /**
         * The policy of {@code docs/scoring.md}, such as {@code {"required":{"se":["se/merchants"]}}}. Without one no
         * verdict is clean.
         *
         * @param json a JSON object; {@code interdict policy json} prints that of a {@code policy.toml}
         * @return this
         */
        public Builder policy(String json) {
            if (json != null) {
                Json.given(json, "the policy");
            }
            policy = json;
            return this;
        }

        /**
         * An enrolment file, which is enrolled first if the store lacks its coalition.
         *
         * @param json the file's text
         * @return this
         */
        public Builder enrolment(String json) {
            enrolments.add(json);
            return this;
        }

        /**
         * How many instances to keep. Each has its own lists in memory and serves one thread at a time; a screening
         * takes some ten microseconds, so few serve a machine.
         *
         * @param number at least 1; by default one for each processor, and at most 4
         * @return this
         */
        public Builder workers(int number) {
            if (number < 1) {
                throw InterdictException.invalid("a gateway needs a worker");
            }
            workers = number;
            return this;
        }

        /**
         * The module that answers.
         *
         * @param other by default {@link Module#builtIn()}
         * @return this
         */
        public Builder module(Module other) {
            module = other;
            return this;
        }

        /**
         * Where the time comes from. It must move: the module reports a clock that does not as {@code clock_stopped}.
         *
         * @param source by default the system's clock
         * @return this
         */
        public Builder clock(InstantSource source) {
            clock = source;
            return this;
        }

        /**
         * Which answers have a receipt.
         *
         * @param which by default {@link Receipts#ALWAYS}
         * @return this
         */
        public Builder receipts(Receipts which) {
            receipts = which;
            return this;
        }

        /**
         * Gets every receipt.
         *
         * @param listener runs in the thread that screens, after its instance was given back
         * @return this
         */
        public Builder onReceipt(ReceiptListener listener) {
            onReceipt = listener;
            return this;
        }

        /**
         * Lets a coalition's repository be on this machine or in a private network.
         *
         * @param coalition its name
         * @return this
         */
        public Builder allowPrivate(String coalition) {
            privateCoalitions.add(coalition);
            return this;
        }

        /**
         * Lets every repository be on this machine or in a private network.
         *
         * @return this
         */
        public Builder allowPrivate() {
            allPrivate = true;
            return this;
        }

        /**
         * How long a repository may take.
         *
         * @param limits by default {@link Patience#DEFAULT}
         * @return this
         */
        public Builder patience(Patience limits) {
            patience = limits;
            return this;
        }

        /**
         * All that was given.
         *
         * @return the options
         */
        public Options build() {
            return new Options(this);
        }
    }
}
