import example.interdict.InterdictException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.json.JSONObject;

/** Drives the host by lines of JSON, for the tests that all languages share: Driver [FIXTURES]. */
public final class Driver {
    private Driver() {}

    /** Answers each line of standard input with a line. */
    public static void main(String[] arguments) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        Corpus corpus = new Corpus(Path.of(arguments.length > 0 ? arguments[0] : "fixtures"));
        Steps steps = new Steps();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            JSONObject asked = new JSONObject(line);
            answers.println(asked.has("op") ? corpus.answer(asked) : told(steps, asked));
        }
    }

    private static JSONObject told(Steps steps, JSONObject step) {
        try {
            return new JSONObject().put("ok", steps.run(step));
        } catch (InterdictException error) {
            JSONObject told = new JSONObject().put("kind", error.kind().word()).put("text", error.getMessage());
            return new JSONObject().put("error", error.code() == 0 ? told : told.put("code", error.code()));
        } catch (Exception error) {
            return new JSONObject().put("error", new JSONObject().put("kind", "other").put("text", error.toString()));
        }
    }
}
