package example.interdict;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** One coalition's directory in the {@link Store}. */
final class Shelf {
    static final String ENROLMENT = "enrolment.json";
    static final String CURRENT = "current";
    static final String HISTORY = "history";
    static final String OPENED_KEYS = "opened.keys";
    private static final String GENERATION = "generation-";
    private static final int MAX_ENROLMENT = 2 << 20;
    private static final int MAX_HISTORY = 32 << 10;
    private static final int MAX_KEYS = 1 << 20;

    private final String name;
    private final Path path;

    Shelf(String name, Path path) {
        this.name = name;
        this.path = path;
    }

    /** The coalition's name. */
    String name() {
        return name;
    }

    Path path() {
        return path;
    }

    /** The enrolment file; {@code null} if the coalition is not enrolled. */
    String enrolment() {
        byte[] bytes = Disk.read(path.resolve(ENROLMENT), MAX_ENROLMENT);
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    /** Refuses what an earlier version left, whose lists lack their records. */
    void checkLayout() {
        Path pages = path.resolve("pages");
        if (Files.exists(pages)) {
            throw InterdictException.damaged(
                    pages, "records are loaded whole now; delete this folder, then refresh");
        }
    }

    /** What was saved as the history, or {@code none}. */
    String history() {
        byte[] bytes = Disk.read(path.resolve(HISTORY), MAX_HISTORY);
        return bytes == null ? "none" : new String(bytes, StandardCharsets.UTF_8);
    }

    void saveHistory(String history) {
        Disk.write(path, HISTORY, history.getBytes(StandardCharsets.UTF_8));
    }

    /** The list keys that the {@code interdict} command opened, as 64 hexadecimal digits. */
    List<String> openedKeys(List<String> warnings) {
        byte[] bytes = Disk.read(path.resolve(OPENED_KEYS), MAX_KEYS);
        List<String> keys = new ArrayList<>();
        String text = bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
        for (String line : text.lines().toList()) {
            if (line.matches("[0-9a-fA-F]{64}")) {
                keys.add(line);
            } else {
                warnings.add(path.resolve(OPENED_KEYS) + ": a line is no list key and was passed over");
            }
        }
        return keys;
    }

    /** The numbers of the generations that can be loaded, best first: the current one and those that it replaced. */
    List<Long> generations() {
        byte[] bytes = Disk.read(path.resolve(CURRENT), 32);
        if (bytes == null) {
            return new ArrayList<>();
        }
        String text = new String(bytes, StandardCharsets.UTF_8).stripTrailing();
        if (!text.matches("[0-9]{1,18}")) {
            throw InterdictException.damaged(path.resolve(CURRENT), "no number");
        }
        long current = Long.parseLong(text);
        List<Long> numbers = new ArrayList<>(numbers());
        // Numbers above it are unfinished; one that it names and that is gone is damaged.
        numbers.removeIf(number -> number >= current);
        numbers.add(current);
        numbers.sort(Comparator.reverseOrder());
        return numbers;
    }

    Path generation(long number) {
        return path.resolve(GENERATION + number);
    }

    Path pending() {
        return path.resolve("pending");
    }

    private List<Long> numbers() {
        List<Long> numbers = new ArrayList<>();
        for (String entry : Disk.names(path)) {
            if (entry.matches(GENERATION + "[0-9]{1,18}")) {
                numbers.add(Long.parseLong(entry.substring(GENERATION.length())));
            }
        }
        return numbers;
    }

    /** Saves a verified file. It is on the disk when this returns. */
    Path keep(String file, byte[] bytes) {
        Path pending = pending();
        Disk.makeDirectory(pending);
        Disk.write(pending, Disk.checkedName(file), bytes);
        return pending.resolve(file);
    }

    void clearPending() {
        Disk.clear(pending());
    }

    /** Makes a generation from files that are on the disk, and makes it the current one. Keeps the one before. */
    long commit(Map<String, Path> contents, Long before) {
        long number = numbers().stream().max(Comparator.naturalOrder()).orElse(0L) + 1;
        Path generation = generation(number);
        Disk.makeDirectory(generation);
        contents.forEach((file, from) -> Disk.linkOrCopy(from, generation.resolve(Disk.checkedName(file))));
        Disk.sync(generation);
        Disk.sync(path);
        Disk.write(path, CURRENT, (number + "\n").getBytes(StandardCharsets.UTF_8));
        clearPending();
        for (long other : numbers()) {
            if (other != number && (before == null || other != before)) {
                Disk.clear(generation(other));
            }
        }
        return number;
    }
}
