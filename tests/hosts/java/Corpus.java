import example.interdict.Instance;
import example.interdict.InterdictException;
import example.interdict.Operation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.json.JSONObject;

/** Lines with an "op": a raw instance answers them (fixtures/README.md, Protocol of a subject). */
final class Corpus {
    private final Path fixtures;
    private Instance instance;

    Corpus(Path fixtures) {
        this.fixtures = fixtures;
    }

    JSONObject answer(JSONObject asked) throws IOException {
        String operation = asked.getString("op");
        if (instance == null || operation.equals("new")) {
            instance = new Instance(Tested.module());
        }
        if (operation.equals("new")) {
            return new JSONObject().put("code", 0).put("out", "");
        }
        byte[] message = asked.has("in_base64")
                ? Base64.getDecoder().decode(asked.getString("in_base64"))
                : asked.optString("in").getBytes(StandardCharsets.UTF_8);
        try {
            if (asked.has("file_base64")) {
                instance.file(Base64.getDecoder().decode(asked.getString("file_base64")));
            } else if (asked.has("file")) {
                instance.file(Files.readAllBytes(fixtures.resolve(asked.getString("file"))));
            }
            byte[] out = instance.call(Operation.of(operation), message, asked.getLong("now"));
            return new JSONObject().put("code", 0).put("out", new String(out, StandardCharsets.UTF_8));
        } catch (InterdictException error) {
            Object code = error.code() == 0 ? JSONObject.NULL : error.code();
            return new JSONObject().put("code", code).put("out", "").put("error", error.getMessage());
        }
    }
}
