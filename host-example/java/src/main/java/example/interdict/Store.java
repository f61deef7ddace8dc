package example.interdict;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.json.JSONArray;
import org.json.JSONObject;

/**
 * The state directory: what a gateway must not lose ({@code docs/store.md}). Everything but the secrets is verified
 * again when it is read back. It needs a file system with POSIX permissions, and the command {@code flock} to write.
 */
public final class Store {
    private static final String RECEIPT_KEY = "receipt.key";
    private static final String MEMBER_KEY = "member.key";
    private static final String INVENTORY = "inventory.txt";
    private static final String LOCK = "lock";
    private static final Set<String> SECRETS = Set.of(RECEIPT_KEY, MEMBER_KEY);
    private static final int MAX_INVENTORY = 4 << 10;
    private static final int MAX_DOCUMENT = 2 << 20;

    /** A signed document that a person put into the directory. */
    record Document(String name, byte[] bytes) {}

    private final Path path;

    private Store(Path path) {
        this.path = path;
    }

    /**
     * The state directory. It must exist: an empty one in its place would make a gateway forget what it knew.
     *
     * @param directory where it is
     * @return the store
     * @throws InterdictException of kind {@link Kind#STORE_MISSING}
     */
    public static Store open(Path directory) {
        if (!Files.isDirectory(directory)) {
            throw new InterdictException(Kind.STORE_MISSING, directory + ": no state directory is here; enrol first");
        }
        return new Store(directory.toAbsolutePath());
    }

    /**
     * Enrols a coalition, after the module has accepted its file. Makes the directory and the gateway's receipt key
     * unless they exist. Enrolling again with the same root and known keys changes nothing.
     *
     * @param directory the state directory
     * @param enrolment the enrolment file's JSON, which is kept as it is
     * @param module what must accept it
     * @param now seconds since 1970
     * @return the store
     * @throws InterdictException of kind {@link Kind#REFUSED} if the module does not accept it,
     *     {@link Kind#ENROLMENT_DIFFERS} if the coalition is enrolled with another root or lacks a given key, or
     *     {@link Kind#STORE_DAMAGED} if a file has the directory's name
     */
    public static Store enrol(Path directory, String enrolment, Module module, long now) {
        JSONObject given = Json.given(enrolment, "the enrolment");
        String name = given.optString("coalition");
        if (!isName(name)) {
            throw InterdictException.invalid("the enrolment names no coalition");
        }
        String message = "{\"coalitions\":[{\"enrolment\":" + enrolment + ",\"history\":\"none\"}]}";
        new Instance(module).call(Operation.CONFIGURE, Text.utf8(message), now);
        if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS) && !Files.isDirectory(directory)) {
            throw InterdictException.damaged(directory, "not a directory");
        }
        Disk.makeDirectory(directory);
        Store store = open(directory);
        try (Flock lock = store.lock()) {
            store.enrol(name, enrolment, given);
            store.takeStock();
        }
        return store;
    }

    private void enrol(String name, String enrolment, JSONObject given) {
        if (receiptKey() == null) {
            byte[] key = new byte[32];
            new SecureRandom().nextBytes(key);
            byte[] text = (HexFormat.of().formatHex(key) + "\n").getBytes(StandardCharsets.US_ASCII);
            Disk.write(path, RECEIPT_KEY, text);
        }
        Shelf shelf = shelf(name);
        String known = shelf.enrolment();
        if (known == null) {
            Disk.makeDirectory(shelf.path());
            Disk.write(shelf.path(), Shelf.ENROLMENT, Text.utf8(enrolment));
        } else if (!holds(readEnrolment(shelf, known), given)) {
            throw new InterdictException(
                    Kind.ENROLMENT_DIFFERS,
                    name + " is enrolled with another root or other keys; merge them: interdict enrol FILE");
        }
    }

    /** Whether a saved enrolment has the root and all keys of another. */
    private static boolean holds(JSONObject known, JSONObject given) {
        return known.optString("root").equals(given.optString("root")) && keys(known).containsAll(keys(given));
    }

    private static Set<String> keys(JSONObject enrolment) {
        Set<String> keys = new TreeSet<>();
        JSONArray array = enrolment.optJSONArray("keys");
        for (int index = 0; array != null && index < array.length(); index++) {
            JSONObject key = array.optJSONObject(index, new JSONObject());
            keys.add(key.optLong("epoch") + " " + key.optString("key").toLowerCase(Locale.ROOT));
        }
        return keys;
    }

    private static JSONObject readEnrolment(Shelf shelf, String text) {
        JSONObject enrolment;
        try {
            enrolment = Json.given(text, "the enrolment");
        } catch (InterdictException error) {
            throw damagedEnrolment(shelf, "is damaged; enrol again with --replace");
        }
        if (!enrolment.optString("coalition").equals(shelf.name())) {
            throw damagedEnrolment(shelf, "is another coalition's");
        }
        return enrolment;
    }

    private static InterdictException damagedEnrolment(Shelf shelf, String why) {
        return InterdictException.damaged(shelf.path().resolve(Shelf.ENROLMENT), why);
    }

    /** The enrolled coalitions, by name. One that cannot be read is an error: it must not vanish from the verdicts. */
    List<Shelf> shelves() {
        if (!Files.isDirectory(path)) {
            throw InterdictException.damaged(path, "the state directory is gone");
        }
        List<Shelf> shelves = new ArrayList<>();
        for (String name : Disk.names(path)) {
            if (!isName(name) || !Files.isDirectory(path.resolve(name))) {
                continue;
            }
            Shelf shelf = shelf(name);
            shelf.checkLayout();
            String enrolment = shelf.enrolment();
            if (enrolment != null) {
                readEnrolment(shelf, enrolment);
                shelves.add(shelf);
            } else if (Files.exists(shelf.path().resolve(Shelf.CURRENT))) {
                throw damagedEnrolment(shelf, "is gone; restore it, or enrol again");
            }
        }
        return shelves;
    }

    private Shelf shelf(String name) {
        return new Shelf(name, path.resolve(name));
    }

    /** 1 to 32 of {@code a-z 0-9 -}, without a hyphen at either end. */
    private static boolean isName(String name) {
        return name.matches("[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?");
    }

    /** The gateway's own secret; {@code null} if there is none. */
    String receiptKey() {
        byte[] bytes = Disk.read(path.resolve(RECEIPT_KEY), 128);
        if (bytes == null) {
            return null;
        }
        String key = new String(bytes, StandardCharsets.US_ASCII).strip();
        if (!key.matches("[0-9a-fA-F]{64}")) {
            throw InterdictException.damaged(path.resolve(RECEIPT_KEY), "no key");
        }
        return key;
    }

    /** The signed documents of {@code overrides} or {@code clearances}, by name. */
    List<Document> documents(String kind, List<String> warnings) {
        Path folder = path.resolve(kind);
        List<Document> documents = new ArrayList<>();
        for (String name : Disk.names(folder)) {
            if (!name.endsWith(".json") || name.startsWith(".")) {
                continue;
            }
            try {
                byte[] bytes = Disk.read(folder.resolve(name), MAX_DOCUMENT);
                if (bytes != null) {
                    documents.add(new Document(name, bytes));
                }
            } catch (InterdictException error) {
                warnings.add(error.getMessage());
            }
        }
        return documents;
    }

    /** Where relative paths of repositories start. */
    Path parent() {
        return path.normalize().getParent() == null ? path : path.normalize().getParent();
    }

    /** What the inventory names and the directory lacks; the inventory itself if it is damaged. */
    List<String> lost() {
        TreeSet<String> known = inventory();
        if (known == null) {
            return List.of(INVENTORY);
        }
        known.removeAll(contents());
        return List.copyOf(known);
    }

    /** Adds to the inventory what is new in the directory. The caller has the lock. A damaged one stays. */
    void takeStock() {
        if (isNew()) {
            TreeSet<String> all = contents();
            all.addAll(inventory());
            Disk.write(path, INVENTORY, Text.utf8(text(all)));
        }
    }

    /** Whether anything is not in the inventory yet. */
    boolean isNew() {
        TreeSet<String> known = inventory();
        return known != null && !known.containsAll(contents());
    }

    /** {@code null} if it has any other form. */
    private TreeSet<String> inventory() {
        byte[] bytes;
        try {
            bytes = Disk.read(path.resolve(INVENTORY), MAX_INVENTORY);
        } catch (InterdictException damaged) {
            return null;
        }
        TreeSet<String> names = new TreeSet<>();
        if (bytes == null) {
            return names;
        }
        String text = new String(bytes, StandardCharsets.UTF_8);
        text.lines().skip(1).filter(name -> SECRETS.contains(name) || isName(name)).forEach(names::add);
        return text(names).equals(text) ? names : null;
    }

    private static String text(TreeSet<String> names) {
        StringBuilder text = new StringBuilder("interdict-inventory-1 " + names.size() + "\n");
        names.forEach(name -> text.append(name).append('\n'));
        return text.toString();
    }

    private TreeSet<String> contents() {
        TreeSet<String> here = new TreeSet<>();
        for (String name : Disk.names(path)) {
            if (SECRETS.contains(name)
                    || (isName(name) && Files.exists(path.resolve(name).resolve(Shelf.ENROLMENT)))) {
                here.add(name);
            }
        }
        return here;
    }

    /** What a person should know about the secrets and about what is lost. */
    List<String> warnings(List<Shelf> shelves) {
        List<String> warnings = new ArrayList<>();
        for (String name : lost()) {
            warnings.add(path.resolve(name) + (name.equals(INVENTORY) ? " is damaged" : " is gone")
                    + "; restore it, or give it up: interdict state accept");
        }
        Path receiptKey = path.resolve(RECEIPT_KEY);
        if (warnings.isEmpty() && !shelves.isEmpty() && !Files.exists(receiptKey)) {
            warnings.add(receiptKey + " is gone, so verdicts have no receipts; restore it");
        }
        List<Path> secrets = new ArrayList<>(List.of(receiptKey, path.resolve(MEMBER_KEY)));
        shelves.forEach(shelf -> secrets.add(shelf.path().resolve(Shelf.ENROLMENT)));
        for (Path secret : secrets) {
            if (Disk.isOpenToOthers(secret)) {
                warnings.add(secret + " holds secrets and others on this machine may read it; chmod 600");
            }
        }
        return warnings;
    }

    /** Keeps every other process from changing the directory. */
    Flock lock() {
        return Flock.exclusive(path.resolve(LOCK));
    }

    /** Keeps out those that change the whole directory. */
    Flock lockShared() {
        return Flock.shared(path.resolve(LOCK));
    }

    /** Keeps others from changing one coalition. The caller has {@link #lockShared}. */
    Flock lock(Shelf shelf) {
        return Flock.exclusive(shelf.path().resolve(LOCK));
    }

    /** Changes when anything is saved that instances are built from. It opens no file. */
    List<String> stamp() {
        List<String> stamp = new ArrayList<>();
        for (String name : Disk.names(path)) {
            Path entry = path.resolve(name);
            if (name.equals(RECEIPT_KEY) || name.equals(MEMBER_KEY)) {
                stamp(entry, stamp);
            } else if (name.equals("overrides") || name.equals("clearances")) {
                Disk.names(entry).forEach(document -> stamp(entry.resolve(document), stamp));
            } else if (isName(name)) {
                for (String file : List.of(Shelf.CURRENT, Shelf.HISTORY, Shelf.ENROLMENT, Shelf.OPENED_KEYS)) {
                    stamp(entry.resolve(file), stamp);
                }
            }
        }
        return stamp;
    }

    private static void stamp(Path path, List<String> stamp) {
        try {
            BasicFileAttributes file = Files.readAttributes(path, BasicFileAttributes.class);
            stamp.add(path + " " + file.lastModifiedTime() + " " + file.size() + " " + file.fileKey());
        } catch (IOException missing) {
            // What cannot be read differs from what could.
        }
    }

    @Override
    public String toString() {
        return "Store " + path;
    }
}
