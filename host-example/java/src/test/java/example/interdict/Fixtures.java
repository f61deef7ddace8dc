package example.interdict;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.json.JSONObject;

/** What the repository has for tests of every language. */
final class Fixtures {
    static final Path FOLDER = Path.of("../../fixtures").toAbsolutePath().normalize();
    static final long NOW = 1_793_599_200;
    static final String POLICY = "{\"required\":{\"se\":[\"se/merchants\"]}}";

    private Fixtures() {}

    static String request(String domain) {
        return "{\"flow\":\"payout\",\"identifiers\":[{\"kind\":\"domain\",\"value\":\"" + domain + "\"}]}";
    }

    /** The enrolment, with a repository of the fixtures. */
    static String enrolment(String repository) {
        JSONObject enrolment = new JSONObject(text(FOLDER.resolve("generation/enrolment.json")));
        return enrolment.put("repository", repository).toString();
    }

    static String folder(String repository) {
        return "file:" + FOLDER.resolve("repositories").resolve(repository);
    }

    /** A state directory as a refresh leaves it. */
    static Path state(Path room) throws IOException {
        Path state = room.resolve("state");
        Path generation = state.resolve("se/generation-1");
        Files.createDirectories(generation);
        try (var files = Files.newDirectoryStream(FOLDER.resolve("generation/files"))) {
            for (Path file : files) {
                Files.copy(file, generation.resolve(file.getFileName()));
            }
        }
        Files.copy(FOLDER.resolve("generation/enrolment.json"), state.resolve("se/enrolment.json"));
        Files.writeString(state.resolve("se/history"), history());
        Files.writeString(state.resolve("se/current"), "1\n");
        Files.writeString(state.resolve("receipt.key"), "07".repeat(32) + "\n");
        return state;
    }

    static String history() {
        Matcher line = Pattern.compile("(?m)^interdict-history-1 .*$").matcher(text(FOLDER.resolve("README.md")));
        if (!line.find()) {
            throw new IllegalStateException("the fixtures have a history");
        }
        return line.group();
    }

    static Options.Builder options() {
        return Options.builder().policy(POLICY).workers(2);
    }

    static String text(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    /** The built-in module's file. */
    static byte[] module() {
        try (InputStream file = Module.class.getResourceAsStream("interdict.wasm")) {
            return file.readAllBytes();
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    /** The built-in module with its exports changed: names to kind and index. */
    static byte[] exporting(Consumer<Map<String, byte[]>> change) {
        byte[] code = module();
        int[] at = {8};
        while (code[at[0]] != 7) {
            at[0]++;
            int length = number(code, at);
            at[0] += length;
        }
        int begin = ++at[0];
        int end = number(code, at) + at[0];
        Map<String, byte[]> exports = new LinkedHashMap<>();
        for (int left = number(code, at); left > 0; left--) {
            int length = number(code, at);
            String name = new String(code, at[0], length, StandardCharsets.UTF_8);
            at[0] += length;
            int place = at[0]++;
            number(code, at);
            exports.put(name, java.util.Arrays.copyOfRange(code, place, at[0]));
        }
        change.accept(exports);
        ByteArrayOutputStream section = new ByteArrayOutputStream();
        section.writeBytes(written(exports.size()));
        exports.forEach((name, place) -> {
            section.writeBytes(written(name.length()));
            section.writeBytes(name.getBytes(StandardCharsets.UTF_8));
            section.writeBytes(place);
        });
        ByteArrayOutputStream changed = new ByteArrayOutputStream();
        changed.write(code, 0, begin);
        changed.writeBytes(written(section.size()));
        changed.writeBytes(section.toByteArray());
        changed.write(code, end, code.length - end);
        return changed.toByteArray();
    }

    private static int number(byte[] code, int[] at) {
        int value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = code[at[0]++];
            value |= (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }

    private static byte[] written(int number) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int left = number;
        for (; left > 0x7F; left >>>= 7) {
            bytes.write(left & 0x7F | 0x80);
        }
        bytes.write(left);
        return bytes.toByteArray();
    }
}
