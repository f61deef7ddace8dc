import example.interdict.Module;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The module under test: the one in the package, or the file that INTERDICT_TEST_MODULE names. */
final class Tested {
    private static Module module;

    private Tested() {}

    static synchronized Module module() {
        String path = System.getenv("INTERDICT_TEST_MODULE");
        if (module == null) {
            module = path == null || path.isEmpty() ? Module.builtIn() : read(path);
        }
        return module;
    }

    private static Module read(String path) {
        try {
            return Module.of(Files.readAllBytes(Path.of(path)));
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }
}
