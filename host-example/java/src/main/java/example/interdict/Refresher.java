package example.interdict;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** Refreshes a gateway from time to time, in a thread that keeps no program from ending. */
final class Refresher {
    private final Gateway gateway;
    private volatile String problem;
    /** The thread that refreshes; another one, or none, tells the last to end. */
    private Thread thread;

    Refresher(Gateway gateway) {
        this.gateway = gateway;
    }

    /** What went wrong last, beyond the coalitions' own outcomes. */
    Optional<String> problem() {
        return Optional.ofNullable(problem);
    }

    synchronized void start(Duration interval, Duration jitter) {
        if (interval.isNegative() || interval.isZero() || jitter.isNegative()) {
            throw InterdictException.invalid("the interval must be positive, and the jitter not negative");
        }
        thread = new Thread(() -> run(interval.toMillis(), jitter.toMillis()), "interdict-refresh");
        thread.setDaemon(true);
        notifyAll();
        thread.start();
    }

    synchronized void stop() {
        thread = null;
        notifyAll();
    }

    private void run(long interval, long jitter) {
        long pause = random(jitter);
        while (waited(pause)) {
            try {
                gateway.refresh(gateway.now());
                gateway.reloadIfChanged(gateway.now());
                problem = null;
            } catch (RuntimeException | Error error) {
                // Nothing ends the thread but stopping it: an error is told, and the next refresh tries again.
                problem = "refreshing: " + error.getMessage();
            }
            pause = interval + random(jitter);
        }
    }

    private static long random(long jitter) {
        return jitter == 0 ? 0 : ThreadLocalRandom.current().nextLong(jitter);
    }

    /** Whether the thread is still to refresh after so many milliseconds. */
    private synchronized boolean waited(long millis) {
        long until = System.nanoTime() + millis * 1_000_000;
        while (thread == Thread.currentThread()) {
            long left = (until - System.nanoTime() + 999_999) / 1_000_000;
            if (left <= 0) {
                return true;
            }
            try {
                wait(left);
            } catch (InterruptedException interrupted) {
                return false;
            }
        }
        return false;
    }
}
