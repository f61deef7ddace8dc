package example.interdict;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.json.JSONArray;
import org.json.JSONObject;

/** Makes an instance from what is in the store: {@code docs/store.md}, Reading. */
final class Loader {
    private static final int HISTORY_DAMAGED = -100;
    private static final String NO_HISTORY = "none";
    /** How often a writer may replace what is being read. */
    private static final int ATTEMPTS = 5;

    /**
     * Where the verified files of a coalition lie, by name; which generation was loaded, if any; whether the instance
     * was given a history; and warnings.
     */
    record Saved(Map<String, Path> sources, Long generation, boolean hasHistory, List<String> warnings) {}

    /** An instance, and what it was made from. */
    record Loaded(Instance instance, Map<String, Saved> saved, List<String> stamp, List<String> warnings) {
        /** The same in another instance. */
        Loaded with(Instance other) {
            return new Loaded(other, saved, stamp, warnings);
        }

        /**
         * After one coalition was refreshed, with the store's stamp from then. If anybody else has changed anything
         * since the load, the old stamp stays, so that it is noticed.
         */
        Loaded with(Shelf shelf, Saved other, List<String> newer) {
            Map<String, Saved> all = new HashMap<>(saved);
            all.put(shelf.name(), other);
            boolean isOurs = without(shelf, newer).equals(without(shelf, stamp));
            return new Loaded(instance, all, isOurs ? newer : stamp, warnings);
        }

        /** What a refresh of this coalition does not write. */
        private static List<String> without(Shelf shelf, List<String> stamp) {
            String current = shelf.path().resolve(Shelf.CURRENT) + " ";
            String history = shelf.path().resolve(Shelf.HISTORY) + " ";
            return stamp.stream()
                    .filter(line -> !line.startsWith(current) && !line.startsWith(history))
                    .toList();
        }
    }

    private final Store store;
    private final Options options;
    private final long now;
    private final List<String> warnings = new ArrayList<>();
    private final List<Coalition> coalitions = new ArrayList<>();

    /** One coalition while it is loaded. */
    private static final class Coalition {
        private final Shelf shelf;
        private final String enrolment;
        private final List<String> keys;
        /** What to try, best first. */
        private final List<Long> generations;
        /** What may be newer than what loads: generations that did not, and the files of an unfinished update. */
        private final List<Path> unfinished = new ArrayList<>();
        private String history;
        private Map<String, Path> sources = new HashMap<>();
        private final List<String> warnings = new ArrayList<>();

        private Coalition(Shelf shelf) {
            this.shelf = shelf;
            enrolment = shelf.enrolment();
            keys = shelf.openedKeys(warnings);
            // One damaged file must not stop the other coalitions; the verdicts show what is missing.
            generations = readable(shelf::generations, new ArrayList<>());
            history = readable(shelf::history, NO_HISTORY);
            unfinished.add(shelf.pending());
        }

        private <T> T readable(Supplier<T> read, T otherwise) {
            try {
                return read.get();
            } catch (InterdictException damaged) {
                warnings.add(damaged.getMessage() + "; refresh");
                return otherwise;
            }
        }
    }

    private Loader(Store store, Options options, long now) {
        this.store = store;
        this.options = options;
        this.now = now;
    }

    static Loaded load(Store store, Options options, long now) {
        for (int attempt = 1; ; attempt++) {
            List<String> stamp = store.stamp();
            Loader loader = new Loader(store, options, now);
            Instance instance = loader.instance();
            // A generation that disappeared while it was read was replaced.
            if (attempt == ATTEMPTS || !loader.isReplaced(stamp)) {
                Map<String, Saved> saved = new HashMap<>();
                for (Coalition coalition : loader.coalitions) {
                    Long number = coalition.generations.isEmpty() ? null : coalition.generations.get(0);
                    saved.put(
                            coalition.shelf.name(),
                            new Saved(
                                    coalition.sources,
                                    number,
                                    !coalition.history.equals(NO_HISTORY),
                                    List.copyOf(coalition.warnings)));
                }
                return new Loaded(instance, saved, stamp, List.copyOf(loader.warnings));
            }
        }
    }

    private boolean isReplaced(List<String> stamp) {
        boolean isAnyGone = coalitions.stream()
                .flatMap(coalition -> coalition.unfinished.stream().filter(path -> !path.endsWith("pending")))
                .anyMatch(path -> !Files.isDirectory(path));
        return isAnyGone && !store.stamp().equals(stamp);
    }

    private Instance instance() {
        List<Shelf> shelves = store.shelves();
        warnings.addAll(store.warnings(shelves));
        shelves.forEach(shelf -> coalitions.add(new Coalition(shelf)));
        Instance instance;
        do {
            instance = new Instance(options.module());
            configureCoalitions(instance);
        } while (!replayAll(instance));
        for (Coalition coalition : coalitions) {
            coalition.warnings.addAll(sealedKeys(instance, coalition.shelf.name(), now));
        }
        configure(instance, secrets());
        if (options.policy() != null) {
            configure(instance, "{\"policy\":" + options.policy() + "}");
            warnOfRequired(Json.given(options.policy(), "the policy").optJSONObject("required"));
        }
        giveDocuments(instance, "overrides");
        giveDocuments(instance, "clearances");
        return instance;
    }

    /** Of lists that the policy requires and no enrolment names; not before the first enrolment. */
    private void warnOfRequired(JSONObject required) {
        for (String name : required == null || coalitions.isEmpty() ? Set.<String>of() : required.keySet()) {
            List<String> known = coalitions.stream()
                    .filter(coalition -> coalition.shelf.name().equals(name))
                    .flatMap(coalition -> Json.texts(Json.answer(coalition.enrolment), "lists").stream())
                    .toList();
            for (String list : Json.texts(required, name)) {
                if (!known.contains(list)) {
                    warnings.add(list + " of coalition " + name
                            + " is required but not enrolled, so no verdict is clean");
                }
            }
        }
    }

    private void configure(Instance instance, String message) {
        instance.call(Operation.CONFIGURE, Text.utf8(message), now);
    }

    private void configureCoalitions(Instance instance) {
        while (!coalitions.isEmpty()) {
            try {
                configure(instance, coalitionsMessage());
                return;
            } catch (InterdictException error) {
                Coalition damaged = error.code() == HISTORY_DAMAGED ? named(error) : null;
                if (damaged == null || damaged.history.equals(NO_HISTORY)) {
                    throw error;
                }
                damaged.history = NO_HISTORY;
                damaged.warnings.add(damaged.shelf.path().resolve(Shelf.HISTORY) + " is damaged; refresh");
            }
        }
    }

    /** The coalition that a refusal names by its place: {@code coalitions[0].history}. */
    private Coalition named(InterdictException error) {
        String place = error.refusal().map(Refusal::path).orElse(null);
        String text = place == null ? error.getMessage() : place;
        for (int index = 0; index < coalitions.size(); index++) {
            if (text.startsWith("coalitions[" + index + "].history")) {
                return coalitions.get(index);
            }
        }
        return null;
    }

    private String coalitionsMessage() {
        List<String> objects = new ArrayList<>();
        List<String> keys = new ArrayList<>();
        for (Coalition coalition : coalitions) {
            String name = Json.quote(coalition.shelf.name());
            objects.add("{\"name\":" + name + ",\"enrolment\":" + coalition.enrolment + ",\"history\":"
                    + Json.quote(coalition.history) + "}");
            coalition.keys.forEach(key -> keys.add("{\"coalition\":" + name + ",\"key\":\"" + key + "\"}"));
        }
        String known = keys.isEmpty() ? "" : ",\"keys\":[" + String.join(",", keys) + "]";
        return "{\"coalitions\":[" + String.join(",", objects) + "]" + known + "}";
    }

    /** Whether all was replayed; otherwise what did not load was left out, and another instance must begin. */
    private boolean replayAll(Instance instance) {
        for (Coalition coalition : coalitions) {
            coalition.sources = new HashMap<>();
            if (!coalition.generations.isEmpty() && !replayGeneration(instance, coalition)) {
                return false;
            }
            for (Path directory : List.copyOf(coalition.unfinished)) {
                if (!replayUnfinished(instance, coalition, directory)) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean replayGeneration(Instance instance, Coalition coalition) {
        long number = coalition.generations.get(0);
        Path directory = coalition.shelf.generation(number);
        String problem = "a file is missing";
        try {
            if (replay(instance, coalition, directory)) {
                return true;
            }
        } catch (InterdictException error) {
            problem = error.getMessage();
        }
        coalition.generations.remove(0);
        if (!instance.isTrapped()) {
            coalition.unfinished.add(0, directory);
        }
        String instead = coalition.generations.isEmpty()
                ? "" : "; generation " + coalition.generations.get(0) + " is used instead";
        coalition.warnings.add(directory + " is damaged: " + problem + instead + "; refresh");
        return false;
    }

    /** Its files need not fit together, and a refusal changes nothing. */
    private boolean replayUnfinished(Instance instance, Coalition coalition, Path directory) {
        try {
            replay(instance, coalition, directory);
        } catch (InterdictException error) {
            if (instance.isTrapped()) {
                coalition.unfinished.remove(directory);
                coalition.warnings.add(directory + ": an unfinished update traps the module and is left out");
                return false;
            }
        }
        return true;
    }

    private boolean replay(Instance instance, Coalition coalition, Path directory) {
        Map<String, Path> parts = new HashMap<>();
        Walk.Ended ended = Walk.run(instance, coalition.shelf.name(), "store", now, new Walk.Courier() {
            @Override
            public Brought bring(Walk.Fetch fetch) {
                try {
                    byte[] bytes = Disk.read(directory.resolve(fetch.name()), fetch.maxSize());
                    return bytes == null ? Brought.NOT_FOUND : Brought.file(bytes);
                } catch (InterdictException error) {
                    return Brought.failed(error.getMessage());
                }
            }

            @Override
            public void keep(Walk.Fetch fetch, byte[] bytes) {
                Map<String, Path> verified = fetch.isMetadata() ? coalition.sources : parts;
                verified.put(fetch.name(), directory.resolve(fetch.name()));
            }
        });
        if (ended.completed()) {
            coalition.sources.putAll(parts);
        }
        return ended.completed();
    }

    /**
     * A warning if a list cannot be read, and keys are there that are sealed to the gateway: this host opens none.
     */
    static List<String> sealedKeys(Instance instance, String coalition, long now) {
        JSONObject states = Json.answer(Text.of(instance.call(Operation.STATE, Text.utf8("{}"), now)));
        for (Object one : states.getJSONArray("coalitions")) {
            JSONObject state = (JSONObject) one;
            JSONArray sealed = state.optJSONArray("sealed_keys");
            boolean isHere = state.optString("name").equals(coalition) && sealed != null && !sealed.isEmpty();
            for (Object list : isHere ? state.getJSONArray("lists") : new JSONArray()) {
                if (!((JSONObject) list).optBoolean("key")) {
                    return List.of(coalition + ": run interdict refresh, which opens sealed keys");
                }
            }
        }
        return List.of();
    }

    private String secrets() {
        StringBuilder message = new StringBuilder("{\"module\":\"" + options.module().sha256() + "\"");
        String receiptKey = store.receiptKey();
        if (receiptKey != null) {
            message.append(",\"receipt_key\":\"").append(receiptKey).append('"');
        }
        // Left out where they are the default, because an older module does not know them.
        if (receiptKey != null && options.receipts() != Receipts.ALWAYS) {
            message.append(",\"receipts\":\"").append(options.receipts().word()).append('"');
        }
        if (!store.lost().isEmpty()) {
            message.append(",\"state_lost\":true");
        }
        return message.append('}').toString();
    }

    /** Each that the module refuses is left out: no document must keep a gateway from opening. */
    private void giveDocuments(Instance instance, String kind) {
        List<Store.Document> taken = new ArrayList<>();
        for (Store.Document document : store.documents(kind, warnings)) {
            if (isTaken(instance, kind, List.of(document), document)) {
                taken.add(document);
            }
        }
        while (!taken.isEmpty() && !isTaken(instance, kind, taken, taken.get(taken.size() - 1))) {
            taken.remove(taken.size() - 1);
        }
    }

    private boolean isTaken(Instance instance, String kind, List<Store.Document> documents, Store.Document last) {
        List<String> texts = documents.stream()
                .map(document -> Base64.getEncoder().encodeToString(document.bytes()))
                .toList();
        try {
            configure(instance, "{\"" + kind + "\":" + Json.array(texts) + "}");
            return true;
        } catch (InterdictException error) {
            if (error.kind() != Kind.REFUSED) {
                throw error;
            }
            warnings.add(kind + "/" + last.name() + " is left out: " + error.getMessage());
            return false;
        }
    }
}
