package example.interdict;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A lock of {@code flock(2)}, which programs in other languages take. Java has only the other kind of lock, so the
 * command {@code flock} holds it, as a child that ends when we close its standard input, or end.
 */
final class Flock implements AutoCloseable {
    private static final long PATIENCE = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long PAUSE_MILLIS = 10;

    private final Process holder;

    private Flock(Process holder) {
        this.holder = holder;
    }

    /** Alone. */
    static Flock exclusive(Path file) {
        return take("-x", file);
    }

    /** With others that share it. */
    static Flock shared(Path file) {
        return take("-s", file);
    }

    private static Flock take(String mode, Path file) {
        Disk.touch(file);
        long begun = System.nanoTime();
        do {
            Flock lock = attempt(mode, file);
            if (lock != null) {
                return lock;
            }
            pause();
        } while (System.nanoTime() - begun < PATIENCE);
        throw new InterdictException(Kind.STORE_BUSY, file + ": another process has the lock");
    }

    private static Flock attempt(String mode, Path file) {
        Process holder;
        try {
            holder = new ProcessBuilder("flock", mode, "-n", file.toString(), "sh", "-c", "echo locked; exec cat")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException error) {
            throw new InterdictException(
                    Kind.STORE_DAMAGED, "the command flock, which holds the store's locks, is not installed", error);
        }
        Flock lock = new Flock(holder);
        try {
            if (new String(holder.getInputStream().readNBytes(7)).equals("locked\n")) {
                return lock;
            }
        } catch (IOException error) {
            // As if it had said nothing.
        }
        lock.close();
        return null;
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterdictException(Kind.STORE_BUSY, "interrupted while waiting for a lock", interrupted);
        }
    }

    /** Gives it back; others can take it when this returns. */
    @Override
    public void close() {
        boolean isInterrupted = Thread.interrupted();
        try {
            holder.getOutputStream().close();
            if (!holder.waitFor(10, TimeUnit.SECONDS)) {
                holder.destroyForcibly();
            }
        } catch (IOException gone) {
            holder.destroyForcibly();
        } catch (InterruptedException interrupted) {
            holder.destroyForcibly();
            isInterrupted = true;
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
