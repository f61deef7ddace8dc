package example.interdict;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/**
 * Where a coalition's files come from. A repository needs no trust, because the module verifies every byte; what is
 * bounded here is how much it may send and how long it may take.
 */
abstract class Repository implements AutoCloseable {
    /** A path, a {@code file:} URL, or an HTTP(S) URL. Relative paths start at {@code directory}. */
    static Repository open(String location, Path directory, Patience patience, boolean allowPrivate) {
        if (location.startsWith("file:")) {
            String rest = location.substring("file:".length());
            String path = rest.startsWith("//localhost/") ? rest.substring("//localhost".length()) : rest;
            return new Folder(directory.resolve(path.startsWith("//") ? path.substring(2) : path));
        }
        return location.contains("://")
                ? HttpRepository.open(location, patience, allowPrivate)
                : new Folder(directory.resolve(location));
    }

    /** Brings one file below the base, at most {@code maxSize} bytes of it. */
    final Brought bring(Walk.Fetch fetch) {
        if (!isBelowBase(fetch.path())) {
            return Brought.failed("the module asks for a path outside the repository");
        }
        if (!fetch.isMetadata()) {
            // Whatever is wrong with the copy, the file itself is asked for then.
            Brought copy = bring(fetch.path() + ".gz", true, fetch.maxSize());
            if (copy.isFile()) {
                return copy;
            }
        }
        return bring(fetch.path(), false, fetch.maxSize());
    }

    abstract Brought bring(String path, boolean isCopy, int maxSize);

    /** Ends a transfer that is under way, from another thread. */
    abstract void abort();

    @Override
    public void close() {}

    /** The file from its stream. A copy is unpacked while it is read, and never beyond {@code maxSize}. */
    static Brought read(InputStream source, boolean isCopy, int maxSize) throws IOException {
        InputStream bytes = isCopy ? new GZIPInputStream(new Bounded(source, most(true, maxSize)), 1 << 14) : source;
        byte[] file = bytes.readNBytes(maxSize + 1);
        return file.length > maxSize ? Brought.TOO_LARGE : Brought.file(file);
    }

    /**
     * The most bytes that carry a file of this size. Deflate stores what it cannot compress with five bytes in front of
     * each block (RFC 1951, 3.2.4); the rest is for the header.
     */
    static long most(boolean isCopy, int maxSize) {
        return isCopy ? (long) maxSize + (maxSize >> 10) + 1024 : maxSize;
    }

    /**
     * Whether a path stays below its base: segments of plain characters, the others percent-encoded in the one usual
     * way, so that no server decodes a dot or slash that was not there.
     */
    static boolean isBelowBase(String path) {
        if (path.length() > 1000) {
            return false;
        }
        for (String segment : path.split("/", -1)) {
            if (segment.isEmpty() || segment.startsWith(".") || !isUsual(segment)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isUsual(String segment) {
        if (!segment.matches("([A-Za-z0-9._~-]|%[0-9A-F]{2})+")) {
            return false;
        }
        for (int at = segment.indexOf('%'); at >= 0; at = segment.indexOf('%', at + 1)) {
            char encoded = (char) Integer.parseInt(segment.substring(at + 1, at + 3), 16);
            if (encoded < 128 && String.valueOf(encoded).matches("[A-Za-z0-9._~-]")) {
                return false;
            }
        }
        return true;
    }

    /** A location without its name and password, for output. */
    static String shown(String location) {
        return location.replaceFirst("://[^/]*@", "://");
    }

    /** A directory: a USB stick, a mirrored folder. */
    private static final class Folder extends Repository {
        private final Path base;

        private Folder(Path base) {
            this.base = base;
        }

        @Override
        Brought bring(String path, boolean isCopy, int maxSize) {
            Path real;
            try {
                // Without its base no file counts as missing: a stick that is not plugged in says nothing.
                real = base.toRealPath();
            } catch (IOException error) {
                return Brought.failed("the repository's directory cannot be read");
            }
            try {
                Path file = real.resolve(path).toRealPath();
                if (!file.startsWith(real) || !Files.isRegularFile(file)) {
                    return Brought.failed("not a file within the repository");
                }
                try (InputStream source = Files.newInputStream(file)) {
                    return read(source, isCopy, maxSize);
                }
            } catch (NoSuchFileException missing) {
                return Brought.NOT_FOUND;
            } catch (IOException error) {
                return Brought.failed("the file cannot be read");
            }
        }

        @Override
        void abort() {}
    }

    /** No more of a stream than this. */
    private static final class Bounded extends java.io.FilterInputStream {
        private long left;

        private Bounded(InputStream source, long most) {
            super(source);
            left = most;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            int count = in.read(bytes, offset, (int) Math.min(length, left));
            left -= Math.max(0, count);
            return count;
        }

        @Override
        public int available() {
            // Its packed form may end here; what follows is not looked for.
            return 0;
        }
    }

    /** Name and password of a URL as they are sent. */
    static byte[] unquoted(String text) {
        return java.net.URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8)
                .getBytes(StandardCharsets.UTF_8);
    }
}
