package example.interdict;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.json.JSONObject;

/**
 * Screens merchants from a state directory, and keeps its lists new. Any thread may call it, and calls run side by side
 * up to the number of workers. When lists change, calls in flight finish on the old ones, and new calls get the new.
 *
 * <p>Each method that needs the time takes it from the clock, and has a sibling that is told the time in seconds since
 * 1970. Every failure is an {@link InterdictException}: it is no verdict, and nothing may pass because of it.
 *
 * <pre>{@code
 * try (Gateway gateway = Gateway.open(Path.of("state"), Options.builder().policy(policy).build())) {
 *     Verdict verdict = gateway.screen(Map.of("flow", "onboarding", "url", "https://shop.example"));
 *     Decision decision = verdict.decision("onboarding");
 * }
 * }</pre>
 */
public final class Gateway implements AutoCloseable {
    private static final List<String> LISTED = List.of("monitor", "review", "hold-payout", "block");

    private final Store store;
    private final Options options;
    private final AtomicLong traps = new AtomicLong();
    private final Map<String, Refreshed> refreshed = new ConcurrentHashMap<>();
    /** Calls have it for reading; who closes, for writing. */
    private final ReentrantReadWriteLock calls = new ReentrantReadWriteLock();
    /** Whoever exchanges the pool has it. */
    private final ReentrantLock exchange = new ReentrantLock();
    /** One refresh at a time. */
    private final ReentrantLock refreshing = new ReentrantLock();
    private final Refresher refresher = new Refresher(this);
    private volatile Pool pool;
    private volatile Repository repository;
    /** Whether a refresh that failed has saved files that the pool does not know. */
    private volatile boolean isBehind;
    private volatile boolean isClosed;

    private Gateway(Store store, Options options, long now) {
        this.store = store;
        this.options = options;
        pool = pool(Loader.load(store, options, now));
    }

    /**
     * Opens a state directory. Given enrolments are enrolled first if the store lacks them.
     *
     * @param directory the state directory of {@code docs/store.md}
     * @param options everything else
     * @return the gateway
     * @throws InterdictException of kind {@link Kind#STORE_MISSING}, {@link Kind#STORE_DAMAGED},
     *     {@link Kind#ENROLMENT_DIFFERS}, or {@link Kind#REFUSED} if the module refuses the policy
     */
    public static Gateway open(Path directory, Options options) {
        return open(directory, options, seconds(options));
    }

    /**
     * Opens a state directory at a given time.
     *
     * @param directory the state directory of {@code docs/store.md}
     * @param options everything else
     * @param now seconds since 1970
     * @return the gateway
     */
    public static Gateway open(Path directory, Options options, long now) {
        for (String enrolment : options.enrolments()) {
            Store.enrol(directory, enrolment, options.module(), now);
        }
        return new Gateway(Store.open(directory), options, now);
    }

    private Pool pool(Loader.Loaded loaded) {
        return new Pool(
                loaded,
                options.workers(),
                now -> Loader.load(store, options, now).instance(),
                traps::incrementAndGet);
    }

    private static long seconds(Options options) {
        return options.clock().instant().getEpochSecond();
    }

    long now() {
        return seconds(options);
    }

    /** Runs a call unless the gateway is closed, which waits for it. */
    private <T> T call(Supplier<T> work) {
        if (isClosed) {
            throw closed();
        }
        calls.readLock().lock();
        try {
            if (isClosed) {
                throw closed();
            }
            return work.get();
        } finally {
            calls.readLock().unlock();
        }
    }

    private static InterdictException closed() {
        return new InterdictException(Kind.CLOSED, "the gateway is closed");
    }

    /**
     * A copy of a loaded instance, for a thread that needs no pool. Later refreshes do not reach it.
     *
     * @return the copy, which is the caller's own
     * @throws InterdictException of kind {@link Kind#CLOSED}, or {@link Kind#TRAPPED} if there is no memory
     */
    public Instance instance() {
        return call(() -> pool.with(now(), Instance::copy));
    }

    /**
     * Screens one request.
     *
     * @param request the message of {@code docs/abi.md} as JSON
     * @return the verdict
     * @throws InterdictException of kind {@link Kind#REFUSED}, {@link Kind#TRAPPED}, {@link Kind#ANSWER},
     *     {@link Kind#CLOSED} or {@link Kind#INVALID}
     */
    public Verdict screen(String request) {
        return screen(request, now());
    }

    /**
     * Screens one request, given by its members: texts, numbers, lists and maps.
     *
     * @param request such as {@code Map.of("flow", "payout", "url", "https://shop.example")}
     * @return the verdict
     * @throws InterdictException as {@link #screen(String)}
     */
    public Verdict screen(Map<String, ?> request) {
        return screen(new JSONObject(request).toString(), now());
    }

    /**
     * Screens one request at a given time.
     *
     * @param request the message of {@code docs/abi.md} as JSON
     * @param now seconds since 1970
     * @return the verdict
     * @throws InterdictException as {@link #screen(String)}
     */
    public Verdict screen(String request, long now) {
        Verdict verdict;
        try {
            verdict = screenQuietly(request, now);
        } catch (InterdictException error) {
            error.refusal().ifPresent(this::tell);
            throw error;
        }
        tell(verdict);
        return verdict;
    }

    private Verdict screenQuietly(String request, long now) {
        byte[] message = Text.utf8(request);
        byte[] answer = call(() -> pool.with(now, instance -> instance.call(Operation.SCREEN, message, now)));
        String text = Text.of(answer);
        return Verdict.read(text, Json.answer(text));
    }

    /** After the call: whatever the listener does, the instance was given back. */
    private void tell(Answer answer) {
        String receipt = answer instanceof Verdict verdict ? verdict.receipt() : ((Refusal) answer).receipt();
        if (options.onReceipt() != null && receipt != null) {
            options.onReceipt().receipt(receipt, answer);
        }
    }

    /**
     * Screens any number of requests, each as {@link #screen(String)} takes it.
     *
     * @param requests one message each
     * @return an answer for each, in order: a verdict, or why the request was refused
     * @throws InterdictException if there are no answers at all
     */
    public List<Answer> screenBatch(List<String> requests) {
        return screenBatch(requests, now());
    }

    /**
     * Screens any number of requests at a given time.
     *
     * @param requests one message each
     * @param now seconds since 1970
     * @return an answer for each, in order
     * @throws InterdictException if there are no answers at all
     */
    public List<Answer> screenBatch(List<String> requests, long now) {
        List<Answer> answers = call(() -> pool.with(now, instance -> Batch.screen(instance, requests, now)));
        answers.forEach(this::tell);
        return answers;
    }

    /**
     * Refreshes every coalition from its repository, one after the other. What fails leaves the lists of before.
     *
     * @return what came of each
     * @throws InterdictException of kind {@link Kind#CLOSED}, or {@link Kind#STORE_DAMAGED} if no coalition can be told
     */
    public List<Refreshed> refresh() {
        return refresh(now());
    }

    /**
     * Refreshes every coalition at a given time.
     *
     * @param now seconds since 1970
     * @return what came of each
     * @throws InterdictException as {@link #refresh()}
     */
    public List<Refreshed> refresh(long now) {
        return call(() -> {
            refreshing.lock();
            try {
                takeStock();
                List<Refreshed> all = new ArrayList<>();
                for (Shelf shelf : store.shelves()) {
                    all.add(refresh(shelf, now));
                }
                return all;
            } finally {
                refreshing.unlock();
            }
        });
    }

    private void takeStock() {
        if (store.isNew()) {
            try (Flock lock = store.lock()) {
                store.takeStock();
            } catch (InterdictException error) {
                // Another process changes the directory: the next refresh does it.
            }
        }
    }

    private Refreshed refresh(Shelf shelf, long now) {
        Refreshed done;
        try (Flock all = store.lockShared();
                Flock one = store.lock(shelf)) {
            done = walk(shelf, now);
        } catch (InterdictException error) {
            String why = error.kind() == Kind.STORE_BUSY ? "store_busy: " : "";
            done = new Refreshed(shelf.name(), Refreshed.Outcome.FAILED, why + error.getMessage(), now);
        }
        refreshed.put(shelf.name(), done);
        return done;
    }

    private Refreshed walk(Shelf shelf, long now) {
        Pool base = pool;
        boolean isKnown = !isBehind && store.stamp().equals(base.loaded().stamp());
        Loader.Loaded from = isKnown
                ? base.loaded().with(base.with(now, Instance::copy))
                : Loader.load(store, options, now);
        Loader.Saved saved = from.saved().get(shelf.name());
        if (saved == null) {
            throw InterdictException.damaged(shelf.path(), "was taken away");
        }
        Refresh refresh = new Refresh(shelf, options, now, from.instance(), saved);
        String location = Json.given(shelf.enrolment(), "the enrolment").optString("repository");
        boolean allowPrivate = options.allowsPrivate(shelf.name());
        Refresh.Done done;
        try (Repository opened = Repository.open(location, store.parent(), options.patience(), allowPrivate)) {
            repository = opened;
            done = refresh.run(opened, () -> isClosed);
        } finally {
            repository = null;
        }
        isBehind |= done.hasKept();
        if (done.saved() != null || isBehind) {
            goLive(base, from, shelf, done.saved(), now);
        }
        return done.refreshed();
    }

    /**
     * What was walked is the new state, unless another was loaded meanwhile. An instance that was given no history says
     * so until it is given one, so the store is loaded then; and after a walk that failed, so that what it brought
     * counts against what is live.
     */
    private void goLive(Pool base, Loader.Loaded from, Shelf shelf, Loader.Saved saved, long now) {
        exchange.lock();
        try {
            boolean isState = saved != null && pool == base && from.saved().get(shelf.name()).hasHistory();
            pool = pool(isState ? from.with(shelf, saved, store.stamp()) : Loader.load(store, options, now));
            isBehind = false;
        } finally {
            exchange.unlock();
        }
    }

    /**
     * Loads the store again if another program changed it: the {@code interdict} command, or a person who put an
     * override there. It costs microseconds if nothing changed.
     *
     * @return whether it had changed
     * @throws InterdictException if what is there now does not load; the gateway goes on with what it has
     */
    public boolean reloadIfChanged() {
        return reloadIfChanged(now());
    }

    /**
     * Loads the store again if another program changed it, at a given time.
     *
     * @param now seconds since 1970
     * @return whether it had changed
     * @throws InterdictException as {@link #reloadIfChanged()}
     */
    public boolean reloadIfChanged(long now) {
        return call(() -> {
            exchange.lock();
            try {
                if (store.stamp().equals(pool.loaded().stamp())) {
                    return false;
                }
                pool = pool(Loader.load(store, options, now));
                return true;
            } finally {
                exchange.unlock();
            }
        });
    }

    /**
     * How the gateway is.
     *
     * @return the module's state, the last refreshes, and warnings
     */
    public Status status() {
        return status(now());
    }

    /**
     * How the gateway is at a given time.
     *
     * @param now seconds since 1970
     * @return the module's state, the last refreshes, and warnings
     */
    public Status status(long now) {
        return call(() -> {
            Pool current = pool;
            byte[] answer = current.with(now, instance -> instance.call(Operation.STATE, Text.utf8("{}"), now));
            List<Status.CoalitionState> coalitions = new ArrayList<>();
            for (String state : Spans.elements(Spans.member(Text.of(answer), "coalitions"))) {
                coalitions.add(Status.CoalitionState.read(state));
            }
            List<String> warnings = new ArrayList<>(current.loaded().warnings());
            new TreeMap<>(current.loaded().saved()).values().forEach(saved -> warnings.addAll(saved.warnings()));
            refresher.problem().ifPresent(warnings::add);
            return new Status(
                    List.copyOf(coalitions), Map.copyOf(new HashMap<>(refreshed)), List.copyOf(warnings), traps.get());
        });
    }

    /**
     * Screens the names that every list has for tests ({@code docs/identifiers.md}), and one that none has. They reach
     * no receipt listener.
     *
     * @throws InterdictException of kind {@link Kind#SELFTEST} if one is not found, or the clean one is
     */
    public void selftest() {
        selftest(now());
    }

    /**
     * Screens the names for tests at a given time.
     *
     * @param now seconds since 1970
     * @throws InterdictException as {@link #selftest()}
     */
    public void selftest(long now) {
        for (String name : LISTED) {
            Verdict verdict = domain(name + ".listed.test", now);
            // A list without records has none that asks to monitor.
            boolean isExcused = name.equals("monitor") && verdict.isWithoutRecords();
            if (!verdict.isListed() && !isExcused) {
                throw new InterdictException(Kind.SELFTEST, name + ".listed.test was not found");
            }
        }
        if (domain("clean.test", now).isListed()) {
            throw new InterdictException(Kind.SELFTEST, "clean.test was found, which no list has");
        }
    }

    private Verdict domain(String name, long now) {
        String request = "{\"flow\":\"onboarding\",\"identifiers\":[{\"kind\":\"domain\",\"value\":\"" + name + "\"}]}";
        return screenQuietly(request, now);
    }

    /** Refreshes every hour in a thread of its own, and loads again what others changed; up to 6 minutes later. */
    public void startRefreshing() {
        startRefreshing(Duration.ofHours(1), Duration.ofMinutes(6));
    }

    /**
     * Refreshes in a thread of its own, first after a random part of the jitter. What goes wrong is in
     * {@link #status()}. Starting again replaces the times.
     *
     * @param interval between the end of a refresh and the next, at least
     * @param jitter at most this much is added at random, so that not all gateways come at once
     */
    public void startRefreshing(Duration interval, Duration jitter) {
        call(() -> {
            refresher.start(interval, jitter);
            return null;
        });
    }

    /** Ends {@link #startRefreshing()}; a refresh under way goes on to its end. */
    public void stopRefreshing() {
        refresher.stop();
    }

    /**
     * Closes the gateway: waits for calls in flight, and ends a refresh between two files. Every later call is an error
     * of kind {@link Kind#CLOSED}. Closing again does nothing.
     */
    @Override
    public void close() {
        isClosed = true;
        refresher.stop();
        Repository current = repository;
        if (current != null) {
            current.abort();
        }
        calls.writeLock().lock();
        try {
            pool = null;
        } finally {
            calls.writeLock().unlock();
        }
    }
}
