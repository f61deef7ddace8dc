package example.interdict;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RepositoryTest {
    private static final Patience PATIENCE = new Patience(
            Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofMillis(1500), Duration.ofSeconds(20));
    private static final byte[] FILE = "signed by somebody".getBytes();

    private interface Handler {
        void answer(HttpExchange exchange) throws IOException;
    }

    private final Map<String, Handler> handlers = new ConcurrentHashMap<>();
    private final List<HttpExchange> asked = new java.util.concurrent.CopyOnWriteArrayList<>();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", exchange -> {
            asked.add(exchange);
            Handler handler = handlers.get(exchange.getRequestURI().getPath());
            if (handler == null) {
                exchange.sendResponseHeaders(404, -1);
            } else {
                handler.answer(exchange);
            }
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private static Handler sending(byte[] bytes) {
        return exchange -> {
            exchange.sendResponseHeaders(200, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        };
    }

    private static Handler moving(String to) {
        return exchange -> {
            exchange.getResponseHeaders().set("Location", to);
            exchange.sendResponseHeaders(302, -1);
        };
    }

    private Brought bring(String path, int maxSize) {
        return bring(path, maxSize, true);
    }

    private Brought bring(String path, int maxSize, boolean allowPrivate) {
        String location = "http://bank:p%40ss@127.0.0.1:" + server.getAddress().getPort() + "/base/";
        try (Repository repository = Repository.open(location, Fixtures.FOLDER, PATIENCE, allowPrivate)) {
            assertFalse(repository.toString().contains("p%40ss"));
            return repository.bring(new Walk.Fetch("name", path, maxSize));
        }
    }

    private static byte[] packed(byte[] bytes) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(bytes);
        }
        return packed.toByteArray();
    }

    @Test
    void aFileIsReadNoFurtherThanItCanBe() {
        handlers.put("/base/metadata/a.json", sending(FILE));
        assertArrayEquals(FILE, bring("metadata/a.json", FILE.length).bytes());
        assertEquals(Brought.TOO_LARGE, bring("metadata/a.json", FILE.length - 1));
        assertEquals(Brought.NOT_FOUND, bring("metadata/b.json", 9));
        HttpExchange first = asked.get(0);
        assertEquals("Basic YmFuazpwQHNz", first.getRequestHeaders().getFirst("Authorization"));
        assertTrue(first.getRequestHeaders().getFirst("User-Agent").startsWith("interdict-java/"));
        handlers.put("/base/metadata/a.json", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] more = new byte[1 << 14];
            for (int block = 0; block < 1 << 12; block++) {
                exchange.getResponseBody().write(more);
            }
        });
        assertEquals(Brought.TOO_LARGE, bring("metadata/a.json", 1000));
    }

    @Test
    void whatDripsEndsInTime() {
        handlers.put("/base/metadata/a.json", exchange -> {
            exchange.sendResponseHeaders(200, 1000);
            try {
                for (int drop = 0; drop < 1000; drop++) {
                    exchange.getResponseBody().write(' ');
                    exchange.getResponseBody().flush();
                    Thread.sleep(20);
                }
            } catch (InterruptedException error) {
                throw new IOException(error);
            }
        });
        Brought brought = bring("metadata/a.json", 2000);
        assertEquals("the server was too slow", brought.why());
    }

    @Test
    void redirectsStayOnTheServerAndEnd() {
        handlers.put("/elsewhere", sending(FILE));
        handlers.put("/base/metadata/a.json", moving("/elsewhere"));
        assertArrayEquals(FILE, bring("metadata/a.json", 99).bytes());
        for (String to : List.of("//127.0.0.1/elsewhere", "http://127.0.0.1:9/elsewhere", "file:///etc/hosts", "x")) {
            handlers.put("/base/metadata/a.json", moving(to));
            assertEquals("302: redirected elsewhere", bring("metadata/a.json", 99).why(), to);
        }
        handlers.put("/base/metadata/a.json", moving("/base/metadata/a.json"));
        assertEquals("too many redirects", bring("metadata/a.json", 99).why());
        for (int status : new int[] {204, 206, 304, 403, 500}) {
            handlers.put("/base/metadata/a.json", exchange -> exchange.sendResponseHeaders(status, -1));
            assertTrue(bring("metadata/a.json", 99).why().contains(" " + status), "" + status);
        }
    }

    @Test
    void aCopyIsTakenOnlyIfItIsGood() throws IOException {
        handlers.put("/base/targets/a", sending("plain".getBytes()));
        for (byte[] copy : List.of(
                packed(new byte[1 << 22]), "<html>".getBytes(), new byte[0],
                java.util.Arrays.copyOf(packed(FILE), 20))) {
            handlers.put("/base/targets/a.gz", sending(copy));
            assertArrayEquals("plain".getBytes(), bring("targets/a", 99).bytes());
        }
        handlers.put("/base/targets/a.gz", sending(packed(FILE)));
        assertArrayEquals(FILE, bring("targets/a", FILE.length).bytes());
        handlers.put("/base/metadata/a.gz", sending(packed(FILE)));
        assertEquals(Brought.NOT_FOUND, bring("metadata/a", 99));
    }

    @Test
    void thisMachineIsNotAskedUnlessThatIsAllowed() throws IOException {
        assertEquals(Addresses.REFUSED, bring("metadata/a.json", 99, false).why());
        assertTrue(asked.isEmpty());
        for (String address : List.of(
                "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1",
                "198.18.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fec0::1", "fd12::1", "ff02::1",
                "::10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:a00:1::1")) {
            assertTrue(Addresses.isPrivate(InetAddress.getByName(address)), address);
        }
        for (String address : List.of(
                "1.1.1.1", "172.32.0.1", "100.128.0.1", "198.20.0.1", "2606:4700:4700::1111", "64:ff9b::101:101")) {
            assertFalse(Addresses.isPrivate(InetAddress.getByName(address)), address);
        }
    }

    @Test
    void pathsThatClimbAreNeverAskedFor() {
        for (String path : List.of("metadata/2.root.json", "targets/se/0a.b", "metadata/7...%2Fa~b%20%C3%A5.json")) {
            assertTrue(Repository.isBelowBase(path), path);
        }
        for (String path : List.of(
                "", "/etc/passwd", "../x", "a/../b", "a//b", "a/%2e%2e/b", "a/%2E%2E%2Fb", "a%2f", "a%2", "a%", "a b",
                "a?b", "a\\b", "a/.b")) {
            assertFalse(Repository.isBelowBase(path), path);
            assertFalse(bring(path, 9).isFile(), path);
        }
        assertTrue(asked.isEmpty());
    }

    @Test
    void aLocationIsAPathOrAUrl() {
        for (String location : List.of("ftp://lists.example/x", "http:///x", "https://l.example/?a", "https://a b/")) {
            InterdictException error = org.junit.jupiter.api.Assertions.assertThrows(
                    InterdictException.class, () -> Repository.open(location, Fixtures.FOLDER, PATIENCE, true));
            assertEquals(Kind.INVALID, error.kind(), location);
        }
        try (Repository folder = Repository.open("repositories/sample", Fixtures.FOLDER, PATIENCE, false)) {
            assertTrue(folder.bring(new Walk.Fetch("x", "metadata/1.root.json", 1 << 20)).isFile());
            assertEquals(Brought.NOT_FOUND, folder.bring(new Walk.Fetch("x", "metadata/9.root.json", 9)));
            assertNull(folder.bring(new Walk.Fetch("x", "metadata", 9)).bytes());
        }
    }
}
