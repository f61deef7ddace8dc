package example.interdict;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/** The version of this package, as it was built. */
final class Version {
    static final String NUMBER = read();

    private Version() {}

    private static String read() {
        Properties properties = new Properties();
        try (InputStream file = Version.class.getResourceAsStream("version.properties")) {
            properties.load(file);
        } catch (IOException | NullPointerException missing) {
            return "0";
        }
        return properties.getProperty("version", "0");
    }
}
