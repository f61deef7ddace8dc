import example.interdict.Instance;
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
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            JSONObject asked = new JSONObject(line);
            answers.println(asked.has("op") ? corpus.answer(asked) : null);
        }
    }
}
