package example.interdict;

import java.util.List;
import org.json.JSONObject;

/** One walk of {@code docs/abi.md}: the module asks for one file after another, and the host brings them. */
final class Walk {
    /** More than the roots, metadata and parts that a coalition can have. A module that asks for more would not end. */
    private static final int MAX_FILES = 4096;

    /** A file that the module asks for. */
    record Fetch(String name, String path, int maxSize) {
        /** Metadata stays trusted when a walk ends early; the parts of a release do not. */
        boolean isMetadata() {
            return path.startsWith("metadata/");
        }

        private static Fetch read(JSONObject fetch) {
            if (fetch == null) {
                return null;
            }
            int maxSize = fetch.optInt("max_size", -1);
            String name = Json.text(fetch, "name");
            String path = Json.text(fetch, "path");
            if (name == null || path == null || maxSize < 0) {
                throw InterdictException.answer("the module asks for no file that this host understands");
            }
            return new Fetch(Disk.checkedName(name), path, maxSize);
        }
    }

    /** Brings files, and keeps those that the module verified. */
    interface Courier {
        Brought bring(Fetch fetch);

        /** The next file is not asked for before this returns. */
        void keep(Fetch fetch, byte[] bytes);
    }

    /** A walk that ended without a refusal, and the names of all files that make up the state. */
    record Ended(boolean completed, List<String> files) {}

    private Walk() {}

    /** A refusal names the file, and why it could not be brought if that was the cause. */
    static Ended run(Instance instance, String coalition, String begin, long now, Courier courier) {
        String poll = "{\"coalition\":" + Json.quote(coalition) + ",\"begin\":" + Json.quote(begin) + "}";
        JSONObject progress = ask(instance, Operation.POLL, poll, now);
        for (int files = 0; files < MAX_FILES; files++) {
            Fetch fetch = Fetch.read(progress.optJSONObject("fetch"));
            if (fetch == null) {
                return new Ended(progress.optBoolean("completed"), Json.texts(progress, "files"));
            }
            Brought brought = courier.bring(fetch);
            progress = supply(instance, coalition, fetch, brought, now);
            if (brought.isFile() && progress.optBoolean("keep")) {
                courier.keep(fetch, brought.bytes());
            }
        }
        throw InterdictException.answer("the module asks for more files than a walk has");
    }

    private static JSONObject supply(Instance instance, String coalition, Fetch fetch, Brought brought, long now) {
        Brought supplied = brought;
        if (brought.isFile()) {
            try {
                instance.file(brought.bytes());
            } catch (InterdictException error) {
                if (error.kind() != Kind.INVALID) {
                    throw error;
                }
                supplied = Brought.failed(error.getMessage());
            }
        }
        String message = "{\"coalition\":" + Json.quote(coalition) + ",\"name\":" + Json.quote(fetch.name())
                + ",\"outcome\":" + Json.quote(supplied.outcome()) + "}";
        try {
            return ask(instance, Operation.SUPPLY, message, now);
        } catch (InterdictException error) {
            if (error.refusal().isEmpty()) {
                throw error;
            }
            String why = supplied.why() == null ? error.getMessage() : supplied.why();
            throw new InterdictException(error.refusal().get(), fetch.path() + ": " + why);
        }
    }

    private static JSONObject ask(Instance instance, Operation operation, String message, long now) {
        return Json.answer(Text.of(instance.call(operation, Text.utf8(message), now)));
    }
}
