package example.interdict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.json.JSONObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreTest {
    private static final long NOW = Fixtures.NOW;

    @TempDir
    private Path room;

    private static InterdictException error(org.junit.jupiter.api.function.Executable call) {
        return assertThrows(InterdictException.class, call);
    }

    @Test
    void enrollingMakesTheDirectoryOnceAndRefusesAnotherKey() throws Exception {
        Path state = room.resolve("state");
        assertEquals(Kind.STORE_MISSING, error(() -> Store.open(state)).kind());
        assertEquals(Kind.INVALID, error(() -> Store.enrol(state, "{", Module.builtIn(), NOW)).kind());
        String file = Fixtures.enrolment("/lists");
        String refused = new JSONObject(file).put("root", "AAAA").toString();
        assertEquals(Kind.REFUSED, error(() -> Store.enrol(state, refused, Module.builtIn(), NOW)).kind());
        assertFalse(Files.exists(state));
        Store.enrol(state, file, Module.builtIn(), NOW);
        String key = Files.readString(state.resolve("receipt.key"));
        assertTrue(key.matches("[0-9a-f]{64}\n"));
        assertEquals(file, Files.readString(state.resolve("se/enrolment.json")));
        assertEquals("interdict-inventory-1 2\nreceipt.key\nse\n", Files.readString(state.resolve("inventory.txt")));
        for (String secret : List.of("receipt.key", "se/enrolment.json")) {
            assertFalse(Disk.isOpenToOthers(state.resolve(secret)), secret);
        }
        Store.enrol(state, new JSONObject(file).put("repository", "/other").toString(), Module.builtIn(), NOW);
        JSONObject more = new JSONObject(file);
        more.getJSONArray("keys").put(new JSONObject().put("epoch", 9).put("key", "ab".repeat(32)));
        InterdictException differs = error(() -> Store.enrol(state, more.toString(), Module.builtIn(), NOW));
        assertEquals(Kind.ENROLMENT_DIFFERS, differs.kind());
        assertTrue(differs.getMessage().contains("interdict enrol FILE"));
        assertEquals(file, Files.readString(state.resolve("se/enrolment.json")));
        assertEquals(key, Files.readString(state.resolve("receipt.key")));
    }

    @Test
    void aFileInThePlaceOfTheDirectoryIsKept() throws Exception {
        Path file = Files.writeString(room.resolve("payees.txt"), "block.listed.test");
        String enrolment = Fixtures.enrolment("/lists");
        assertEquals(Kind.STORE_DAMAGED, error(() -> Store.enrol(file, enrolment, Module.builtIn(), NOW)).kind());
        assertEquals("block.listed.test", Files.readString(file));
    }

    @Test
    void aGatewayKeepsItsListsIfTheDirectoryIsGone() throws Exception {
        Path state = Fixtures.state(room);
        try (Gateway gateway = Gateway.open(state, Fixtures.options().build(), NOW)) {
            Disk.clear(state);
            assertEquals(Kind.STORE_DAMAGED, error(() -> gateway.refresh(NOW)).kind());
            assertEquals(Kind.STORE_DAMAGED, error(() -> gateway.reloadIfChanged(NOW)).kind());
            assertEquals(Action.BLOCK, gateway.screen(Fixtures.request("block.listed.test"), NOW).action());
        }
    }

    @Test
    void aLockOfAnotherProcessIsNotWaitedForLong() throws Exception {
        Path state = Fixtures.state(room);
        Path lock = state.resolve("se/lock");
        try (Gateway gateway = Gateway.open(state, Fixtures.options().build(), NOW);
                Flock other = Flock.exclusive(lock)) {
            assertEquals(Kind.STORE_BUSY, error(() -> Flock.shared(lock)).kind());
            Refreshed refreshed = gateway.refresh(NOW).get(0);
            assertEquals(Refreshed.Outcome.FAILED, refreshed.outcome());
            assertTrue(refreshed.why().startsWith("store_busy"), refreshed.why());
        }
        try (Flock one = Flock.shared(lock);
                Flock two = Flock.shared(lock)) {
            assertEquals(Kind.STORE_BUSY, error(() -> Flock.exclusive(lock)).kind());
        }
        Flock.exclusive(lock).close();
    }

    @Test
    void whatIsDamagedIsNamedAndWhatIsGoneIsMissed() throws Exception {
        Path state = Fixtures.state(room);
        Path stamp = state.resolve("se/generation-1/timestamp.json");
        Files.write(stamp, new byte[] {'{'});
        Files.writeString(state.resolve("inventory.txt"), "interdict-inventory-1 2\nnl\nse\n");
        Files.writeString(state.resolve("se/opened.keys"), "no key\n" + "01".repeat(32) + "\n");
        Files.createDirectories(state.resolve("overrides"));
        Files.writeString(state.resolve("overrides/a.json"), "{}");
        try (Gateway gateway = Gateway.open(state, Fixtures.options().build(), NOW)) {
            Verdict verdict = gateway.screen(Fixtures.request("bücher.example"), NOW);
            assertTrue(verdict.degraded());
            assertTrue(verdict.doubts().contains("state_lost"), verdict.doubts().toString());
            String warnings = gateway.status(NOW).warnings().toString();
            for (String named : List.of("generation-1 is damaged", "nl is gone", "no list key", "overrides/a.json")) {
                assertTrue(warnings.contains(named), named + " is not in " + warnings);
            }
            assertFalse(warnings.contains("01".repeat(32)));
        }
    }

    @Test
    void aPipeIsNamedAndNotWaitedFor() throws Exception {
        Path state = Fixtures.state(room);
        Path key = state.resolve("receipt.key");
        Files.delete(key);
        assertEquals(0, new ProcessBuilder("mkfifo", key.toString()).start().waitFor());
        InterdictException damaged = error(() -> Gateway.open(state, Fixtures.options().build(), NOW));
        assertEquals(Kind.STORE_DAMAGED, damaged.kind());
        assertTrue(damaged.getMessage().contains("not a regular file"), damaged.getMessage());
        Files.delete(state.resolve("se/enrolment.json"));
        assertEquals(Kind.STORE_DAMAGED, error(() -> Gateway.open(state, Fixtures.options().build(), NOW)).kind());
    }

    @Test
    void namesThatLeaveTheDirectoryAreRefused() {
        Disk.checkedName("se%2fmerchants.member-1.filter");
        for (String name : List.of("", ".", "..", ".staged", "a/b", "a\\b", "a..b", "A", "ä", "a".repeat(201))) {
            assertEquals(Kind.ANSWER, error(() -> Disk.checkedName(name)).kind(), name);
        }
    }
}
