package example.interdict;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.json.JSONObject;

/** One coalition's walk through its repository, in an instance of its own, and its steps to the disk. */
final class Refresh {
    /**
     * What came of it. What was walked is the new state, with these saved files; {@code null} if it failed. Then files
     * may have been saved that are newer than what is live.
     */
    record Done(Refreshed refreshed, Loader.Saved saved, boolean hasKept) {}

    private final Shelf shelf;
    private final Options options;
    private final long now;
    private final Instance instance;
    private final Map<String, Path> sources;
    private final Long generation;
    private boolean hasKept;

    /** The instance was made from these saved files, and is the refresh's own. */
    Refresh(Shelf shelf, Options options, long now, Instance instance, Loader.Saved saved) {
        this.shelf = shelf;
        this.options = options;
        this.now = now;
        this.instance = instance;
        sources = new HashMap<>(saved.sources());
        generation = saved.generation();
    }

    /** The caller has the coalition's lock. */
    Done run(Repository repository, BooleanSupplier isStopped) {
        Walk.Ended ended;
        try {
            ended = Walk.run(instance, shelf.name(), "repository", now, new Fetching(repository, isStopped));
        } catch (InterdictException error) {
            if (error.kind() == Kind.REFUSED) {
                remember();
            }
            return failed(error.getMessage());
        }
        if (!ended.completed()) {
            return failed("the repository's files do not make up a release");
        }
        String history = history();
        Map<String, Path> contents = new HashMap<>();
        for (String file : ended.files()) {
            Path source = sources.get(file);
            if (source == null) {
                return failed("the module names a file that it never asked for");
            }
            contents.put(file, source);
        }
        boolean isUnchanged = isCurrent(contents);
        if (isUnchanged) {
            shelf.clearPending();
        }
        long number = isUnchanged ? generation : shelf.commit(contents, generation);
        shelf.saveHistory(history);
        Map<String, Path> live = new HashMap<>();
        contents.keySet().forEach(file -> live.put(file, shelf.generation(number).resolve(file)));
        Refreshed.Outcome outcome = isUnchanged ? Refreshed.Outcome.UNCHANGED : Refreshed.Outcome.UPDATED;
        return new Done(
                new Refreshed(shelf.name(), outcome, null, now),
                new Loader.Saved(live, number, true, Loader.sealedKeys(instance, shelf.name(), now)),
                hasKept);
    }

    private Done failed(String why) {
        return new Done(new Refreshed(shelf.name(), Refreshed.Outcome.FAILED, why, now), null, hasKept);
    }

    /** Whether the generation that was loaded has these very files and no others, and is the current one. */
    private boolean isCurrent(Map<String, Path> contents) {
        if (generation == null || !shelf.generations().stream().limit(1).toList().contains(generation)) {
            return false;
        }
        Path directory = shelf.generation(generation);
        return Disk.names(directory).size() == contents.size()
                && contents.values().stream().allMatch(path -> path.startsWith(directory));
    }

    /** What an unfinished update has verified is noticed even if its files are lost. */
    private void remember() {
        String history = history();
        if (!history.equals(shelf.history())) {
            shelf.saveHistory(history);
        }
    }

    private String history() {
        JSONObject state = Json.answer(Text.of(instance.call(Operation.STATE, Text.utf8("{}"), now)));
        for (Object one : state.getJSONArray("coalitions")) {
            JSONObject coalition = (JSONObject) one;
            if (coalition.optString("name").equals(shelf.name())) {
                return coalition.getString("history");
            }
        }
        throw InterdictException.answer("the module does not know the coalition");
    }

    private final class Fetching implements Walk.Courier {
        private final Repository repository;
        private final BooleanSupplier isStopped;
        private final long begun = System.nanoTime();

        private Fetching(Repository repository, BooleanSupplier isStopped) {
            this.repository = repository;
            this.isStopped = isStopped;
        }

        @Override
        public Brought bring(Walk.Fetch fetch) {
            if (isStopped.getAsBoolean()) {
                return Brought.failed("the gateway was closed");
            }
            if (System.nanoTime() - begun >= options.patience().refresh().toNanos()) {
                return Brought.failed("the repository took longer than a refresh may");
            }
            return repository.bring(fetch);
        }

        @Override
        public void keep(Walk.Fetch fetch, byte[] bytes) {
            hasKept = true;
            sources.put(fetch.name(), shelf.keep(fetch.name(), bytes));
        }
    }
}
