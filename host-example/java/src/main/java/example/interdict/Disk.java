package example.interdict;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Files that are whole or absent: each is written under another name, forced to the disk and renamed, and then its
 * directory is forced to the disk ({@code docs/store.md}, Writing).
 */
final class Disk {
    private static final String STAGED = ".staged-";
    private static final FileAttribute<?> OWNER_FILE = owner("rw-------");
    private static final FileAttribute<?> OWNER_DIRECTORY = owner("rwx------");

    private Disk() {}

    private static FileAttribute<?> owner(String permissions) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    }

    /** A file name from the module that stays in its directory. */
    static String checkedName(String name) {
        boolean isFine = name.matches("[a-z0-9.%_-]{1,200}") && !name.startsWith(".") && !name.contains("..");
        if (!isFine) {
            throw InterdictException.answer("the module gives a file a name that a store does not take");
        }
        return name;
    }

    /**
     * A file of at most this many bytes; {@code null} if it does not exist. Java cannot open without waiting, so what
     * is no regular file is not opened.
     */
    static byte[] read(Path path, long most) {
        try {
            if (!Files.readAttributes(path, BasicFileAttributes.class).isRegularFile()) {
                throw InterdictException.damaged(path, "not a regular file");
            }
            try (InputStream file = Files.newInputStream(path)) {
                byte[] bytes = file.readNBytes((int) Math.min(Integer.MAX_VALUE - 8, most + 1));
                if (bytes.length > most) {
                    throw InterdictException.damaged(path, "larger than it can be");
                }
                return bytes;
            }
        } catch (NoSuchFileException missing) {
            return null;
        } catch (IOException error) {
            // A file in the place of a directory above it.
            if (!Files.exists(path) && error.getMessage() != null && error.getMessage().contains("Not a directory")) {
                return null;
            }
            throw failed(path, error);
        }
    }

    /** Writes {@code directory/name}, in place of whatever has that name. */
    static void write(Path directory, String name, byte[] bytes) {
        Path staged = directory.resolve(STAGED + name);
        Path path = directory.resolve(name);
        try {
            clear(staged);
            create(staged, bytes);
            if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                clear(path);
            }
            Files.move(staged, path, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException error) {
            throw failed(path, error);
        }
        sync(directory);
    }

    private static void create(Path path, byte[] bytes) throws IOException {
        Set<StandardOpenOption> options = Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
        try (FileChannel file = FileChannel.open(path, options, OWNER_FILE)) {
            ByteBuffer left = ByteBuffer.wrap(bytes);
            while (left.hasRemaining()) {
                file.write(left);
            }
            file.force(true);
        }
    }

    /** Makes an empty file that only its owner can read, unless it exists. */
    static void touch(Path path) {
        try {
            Files.createFile(path, OWNER_FILE);
        } catch (FileAlreadyExistsException exists) {
            if (!Files.isRegularFile(path)) {
                throw InterdictException.damaged(path, "not a regular file");
            }
        } catch (IOException error) {
            throw failed(path, error);
        }
    }

    /** Puts a file that never changes into another directory too. */
    static void linkOrCopy(Path from, Path to) {
        try {
            Files.createLink(to, from);
        } catch (IOException | UnsupportedOperationException noLink) {
            byte[] bytes = read(from, Integer.MAX_VALUE - 9L);
            if (bytes == null) {
                throw InterdictException.damaged(from, "is gone");
            }
            try {
                create(to, bytes);
            } catch (IOException error) {
                throw failed(to, error);
            }
        }
    }

    /** Makes a directory that only its owner can read, in place of anything else that has its name. */
    static void makeDirectory(Path path) {
        if (Files.isDirectory(path)) {
            return;
        }
        clear(path);
        try {
            Files.createDirectories(path, OWNER_DIRECTORY);
        } catch (IOException error) {
            throw failed(path, error);
        }
    }

    /** Removes whatever has this name: a file, a link, or a directory with everything in it. */
    static void clear(Path path) {
        try {
            if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                Files.deleteIfExists(path);
                return;
            }
            Files.walkFileTree(path, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, IOException error) throws IOException {
                    Files.delete(directory);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException error) {
            throw failed(path, error);
        }
    }

    /** A rename or a new file is on the disk only when its directory is. */
    static void sync(Path directory) {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException error) {
            throw failed(directory, error);
        }
    }

    /** The names in a directory, in order; none if there is no directory. */
    static List<String> names(Path directory) {
        List<String> names = new ArrayList<>();
        if (!Files.isDirectory(directory)) {
            return names;
        }
        try (var entries = Files.newDirectoryStream(directory)) {
            entries.forEach(entry -> names.add(entry.getFileName().toString()));
        } catch (IOException | java.nio.file.DirectoryIteratorException error) {
            throw new InterdictException(Kind.STORE_DAMAGED, directory + ": cannot be read", error);
        }
        names.sort(null);
        return names;
    }

    /** Whether anybody but its owner may read or change a file. */
    static boolean isOpenToOthers(Path path) {
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
            permissions.removeAll(PosixFilePermissions.fromString("rwx------"));
            return !permissions.isEmpty();
        } catch (IOException | UnsupportedOperationException error) {
            return false;
        }
    }

    private static InterdictException failed(Path path, IOException error) {
        String why = error.getClass().getSimpleName();
        return new InterdictException(Kind.STORE_DAMAGED, path + ": " + why, error);
    }
}
