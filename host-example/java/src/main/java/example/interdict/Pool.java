package example.interdict;

import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.LongFunction;

/**
 * Instances that know the same. A thread takes one and gives it back. Nothing waits for a pool that was replaced: calls
 * in flight finish on it, and then nothing refers to it.
 */
final class Pool {
    /** A place for an instance; empty after one trapped and could not be replaced at once. */
    private record Place(Instance instance) {}

    private static final Place EMPTY = new Place(null);

    private final LinkedBlockingDeque<Place> idle = new LinkedBlockingDeque<>();
    private final Loader.Loaded loaded;
    private final LongFunction<Instance> load;
    private final Runnable trapped;

    /** The instance, and as many copies of it as there are workers. */
    Pool(Loader.Loaded loaded, int workers, LongFunction<Instance> load, Runnable trapped) {
        this.loaded = loaded;
        this.load = load;
        this.trapped = trapped;
        idle.add(new Place(loaded.instance()));
        for (int worker = 1; worker < workers; worker++) {
            idle.add(new Place(loaded.instance().copy()));
        }
    }

    /** What the instances were made from. The instance in it is not to be used: it is one of the pool's. */
    Loader.Loaded loaded() {
        return loaded;
    }

    /** Runs one piece of work with an instance that nobody else has meanwhile. */
    <T> T with(long now, Function<Instance, T> work) {
        Instance instance = take(now);
        try {
            return work.apply(instance);
        } finally {
            giveBack(instance, now);
        }
    }

    private Instance take(long now) {
        Place place;
        try {
            place = idle.takeFirst();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw InterdictException.invalid("interrupted while waiting for an instance");
        }
        if (place.instance() != null) {
            return place.instance();
        }
        AtomicReference<Instance> filled = new AtomicReference<>();
        try {
            filled.set(replacement(now));
        } finally {
            if (filled.get() == null) {
                idle.addLast(EMPTY);
            }
        }
        return filled.get();
    }

    /** One that trapped never answers again: another takes its place. */
    private void giveBack(Instance instance, long now) {
        if (!instance.isTrapped()) {
            idle.addFirst(new Place(instance));
            return;
        }
        trapped.run();
        // The runtime notices an interruption in any call, also in those that make an instance.
        boolean isInterrupted = Thread.interrupted();
        Place place = EMPTY;
        try {
            place = new Place(replacement(now));
        } catch (InterdictException error) {
            // Whoever takes the empty place tries again, and gets the error.
        } finally {
            if (place == EMPTY) {
                idle.addLast(place);
            } else {
                idle.addFirst(place);
            }
            if (isInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** A copy of an idle instance; if there is none, one that is loaded from the store. */
    private Instance replacement(long now) {
        Place other = idle.pollFirst();
        if (other == null) {
            return load.apply(now);
        }
        try {
            return other.instance() == null ? load.apply(now) : other.instance().copy();
        } finally {
            if (other.instance() == null) {
                idle.addLast(other);
            } else {
                idle.addFirst(other);
            }
        }
    }
}
