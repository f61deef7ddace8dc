package example.interdict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.dylibso.chicory.runtime.ExportFunction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GatewayTest {
    private static final long NOW = Fixtures.NOW;
    private static final String LISTED = Fixtures.request("bücher.example");

    @TempDir
    private Path room;

    private static Kind kind(org.junit.jupiter.api.function.Executable call) {
        return assertThrows(InterdictException.class, call).kind();
    }

    @Test
    void aStoreIsOpenedAndAnswers() throws Exception {
        try (Gateway gateway = Gateway.open(Fixtures.state(room), Fixtures.options().build(), NOW)) {
            Verdict verdict = gateway.screen(LISTED, NOW);
            assertEquals(Action.BLOCK, verdict.action());
            assertEquals("record", verdict.because());
            assertFalse(verdict.degraded());
            assertEquals(Decision.REFUSE, verdict.decision("payout"));
            assertEquals("listed", verdict.reasons().get(0).code());
            assertEquals("fresh", verdict.lists().get(0).freshness());
            assertTrue(verdict.receipt().startsWith("{\"format\":1,"), verdict.receipt());
            assertTrue(verdict.text().contains("\"receipt\":" + verdict.receipt()));
            assertEquals(Action.ALLOW, gateway.screen(Fixtures.request("flowers.example"), NOW).action());
            gateway.selftest(NOW);
            assertEquals(List.of(), gateway.status(NOW).coalitions().get(0).doubts());
        }
    }

    @Test
    void aFieldThatYieldsNoIdentifierIsNamedWithoutItsValue() throws Exception {
        String request = """
                {"flow":"payout","identifiers":[{"kind":"domain","value":"flowers.example"},
                {"kind":"iban","value":"GB82WEST12345698765433"}],"iso8583":{"de42":"SHOP0001"}}""";
        try (Gateway gateway = Gateway.open(Fixtures.state(room), Fixtures.options().build(), NOW)) {
            Verdict verdict = gateway.screen(request, NOW);
            assertEquals(
                    List.of(
                            new Verdict.Unused(1, "identifiers[1].value", "iban_check_digits"),
                            new Verdict.Unused(2, "iso8583.de42", "acquirer_missing")),
                    verdict.unused());
            assertEquals("unavailable", verdict.because());
            assertEquals(List.of(), gateway.screen(LISTED, NOW).unused());
        }
    }

    @Test
    void aRequiredListThatIsNotEnrolledIsWarnedOf() throws Exception {
        String policy = "{\"required\":{\"se\":[\"se/merchants\",\"se/merchant\"],\"nl\":[\"nl/all\"]}}";
        Options options = Fixtures.options().policy(policy).build();
        try (Gateway gateway = Gateway.open(Fixtures.state(room), options, NOW)) {
            assertEquals(
                    List.of(
                            "nl/all of coalition nl is required but not enrolled, so no verdict is clean",
                            "se/merchant of coalition se is required but not enrolled, so no verdict is clean"),
                    gateway.status(NOW).warnings().stream()
                            .filter(warning -> warning.contains("required"))
                            .sorted()
                            .toList());
        }
    }

    @Test
    void aForgottenHistoryShowsInEveryVerdict() throws Exception {
        Path state = Fixtures.state(room);
        Files.delete(state.resolve("se/history"));
        try (Gateway gateway = Gateway.open(state, Fixtures.options().build(), NOW)) {
            assertEquals(List.of("no_history"), gateway.screen(LISTED, NOW).doubts());
            assertEquals(List.of("no_history"), gateway.status(NOW).coalitions().get(0).doubts());
        }
    }

    @Test
    void withoutAPolicyNoVerdictIsClean() throws Exception {
        try (Gateway gateway = Gateway.open(Fixtures.state(room), Options.builder().build(), NOW)) {
            assertEquals(Action.REVIEW, gateway.screen(Fixtures.request("flowers.example"), NOW).action());
        }
    }

    @Test
    void theTimeComesFromTheClockUnlessItIsGiven() throws Exception {
        AtomicLong time = new AtomicLong(NOW);
        Options options = Fixtures.options()
                .clock(() -> Instant.ofEpochSecond(time.getAndIncrement()))
                .build();
        try (Gateway gateway = Gateway.open(Fixtures.state(room), options)) {
            assertEquals(NOW + 1, time.get());
            gateway.screen(Map.of("flow", "payout", "url", "https://shop.example"));
            gateway.screenBatch(List.of(LISTED));
            gateway.status();
            gateway.reloadIfChanged();
            gateway.selftest();
            assertEquals(NOW + 6, time.get());
            String receipt = gateway.screen(LISTED).receipt();
            assertTrue(receipt.contains("\"time\":" + (NOW + 6)), receipt);
        }
    }

    @Test
    void aBatchHasAnAnswerForEachLine() throws Exception {
        List<String> requests = new ArrayList<>();
        for (int line = 0; line < 300; line++) {
            requests.add(line % 7 == 3 ? "{}" : LISTED.replace("\"flow\"", "\n\"flow\""));
        }
        try (Gateway gateway = Gateway.open(Fixtures.state(room), Fixtures.options().build(), NOW)) {
            List<Answer> answers = gateway.screenBatch(requests, NOW);
            assertEquals(requests.size(), answers.size());
            for (int line = 0; line < answers.size(); line++) {
                assertEquals(line % 7 == 3, answers.get(line) instanceof Refusal, "line " + line);
                assertFalse(answers.get(line).text().contains("\"line\""));
            }
            List<Answer> wrong = gateway.screenBatch(List.of(LISTED + "\n" + LISTED, LISTED.replace(".", "\n.")), NOW);
            assertEquals(
                    List.of("json_syntax", "json_syntax"),
                    wrong.stream().map(answer -> ((Refusal) answer).name()).toList());
            assertEquals(List.of(), gateway.screenBatch(List.of(), NOW));
            assertEquals(Kind.INVALID, kind(() -> gateway.screen("\"\uD800\"", NOW)));
        }
    }

    @Test
    void aListenerThatThrowsLosesNoInstance() throws Exception {
        AtomicInteger receipts = new AtomicInteger();
        Options options = Fixtures.options()
                .workers(1)
                .onReceipt((receipt, answer) -> {
                    receipts.incrementAndGet();
                    throw new IllegalStateException("the disk is full");
                })
                .build();
        try (Gateway gateway = Gateway.open(Fixtures.state(room), options, NOW)) {
            for (int call = 0; call < 3; call++) {
                assertThrows(IllegalStateException.class, () -> gateway.screen(LISTED, NOW));
            }
            assertThrows(IllegalStateException.class, () -> gateway.screen("{}", NOW));
            assertEquals(4, receipts.get());
            gateway.selftest(NOW);
        }
    }

    @Test
    void closingWaitsForCallsAndEveryLaterCallIsAnError() throws Exception {
        Gateway gateway = Gateway.open(Fixtures.state(room), Fixtures.options().build(), NOW);
        ConcurrentLinkedQueue<Throwable> errors = new ConcurrentLinkedQueue<>();
        CountDownLatch begun = new CountDownLatch(4);
        List<Thread> threads = new ArrayList<>();
        for (int thread = 0; thread < 4; thread++) {
            threads.add(new Thread(() -> {
                try {
                    for (;;) {
                        gateway.screen(LISTED, NOW);
                        begun.countDown();
                    }
                } catch (Throwable end) {
                    errors.add(end);
                }
            }));
        }
        threads.forEach(Thread::start);
        begun.await();
        gateway.close();
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(4, errors.size());
        for (Throwable error : errors) {
            assertEquals(Kind.CLOSED, ((InterdictException) error).kind(), error.toString());
        }
        assertEquals(Kind.CLOSED, kind(() -> gateway.refresh(NOW)));
        assertEquals(Kind.CLOSED, kind(() -> gateway.status(NOW)));
        gateway.close();
    }

    @Test
    void anInstanceThatTrapsIsReplacedByACopyOrFromTheStore() {
        AtomicReference<Error> failure = new AtomicReference<>();
        UnaryOperator<ExportFunction> seam = function -> arguments -> {
            Error next = failure.getAndSet(null);
            if (next != null) {
                throw next;
            }
            return function.apply(arguments);
        };
        AtomicInteger loads = new AtomicInteger();
        AtomicInteger traps = new AtomicInteger();
        for (int workers = 1; workers <= 2; workers++) {
            Instance first = new Instance(Module.builtIn(), seam);
            Pool pool = new Pool(
                    new Loader.Loaded(first, Map.of(), List.of(), List.of()),
                    workers,
                    now -> {
                        loads.incrementAndGet();
                        return new Instance(Module.builtIn(), seam);
                    },
                    traps::incrementAndGet);
            for (int round = 0; round < 3; round++) {
                failure.set(new StackOverflowError());
                assertEquals(Kind.TRAPPED, kind(() -> pool.with(NOW, InstanceWork::state)));
                pool.with(NOW, InstanceWork::state);
            }
            assertEquals(3 * workers, traps.get());
            assertEquals(3, loads.get(), "one worker is loaded, and one of two is copied");
        }
    }

    /** What a call does with an instance. */
    private static final class InstanceWork {
        static byte[] state(Instance instance) {
            return instance.call(Operation.STATE, Text.utf8("{}"), NOW);
        }
    }

    @Test
    void anInterruptedThreadLosesNoInstance() throws Exception {
        try (Gateway gateway = Gateway.open(Fixtures.state(room), Fixtures.options().workers(1).build(), NOW)) {
            Thread.currentThread().interrupt();
            assertThrows(InterdictException.class, () -> gateway.screen(LISTED, NOW));
            assertTrue(Thread.interrupted());
            assertEquals(Action.BLOCK, gateway.screen(LISTED, NOW).action());
        }
    }

    @Test
    void aRefreshBringsTheListsAndTheNextStartReadsThem() {
        Path state = room.resolve("state");
        Options enrolling = Fixtures.options().enrolment(Fixtures.enrolment(Fixtures.folder("sample-1"))).build();
        try (Gateway gateway = Gateway.open(state, enrolling, NOW)) {
            assertTrue(gateway.screen(LISTED, NOW).degraded());
            assertEquals(Kind.SELFTEST, kind(() -> gateway.selftest(NOW)));
            assertEquals(Refreshed.Outcome.UPDATED, gateway.refresh(NOW).get(0).outcome());
            assertEquals(Action.BLOCK, gateway.screen(LISTED, NOW).action());
            assertEquals(Refreshed.Outcome.UNCHANGED, gateway.refresh(NOW).get(0).outcome());
            assertFalse(gateway.reloadIfChanged(NOW));
            gateway.selftest(NOW);
        }
        Disk.write(state.resolve("se"), "enrolment.json", Text.utf8(Fixtures.enrolment(Fixtures.folder("sample"))));
        try (Gateway gateway = Gateway.open(state, Fixtures.options().build(), NOW)) {
            assertEquals(1, gateway.screen(LISTED, NOW).lists().get(0).sequence());
            assertEquals(Refreshed.Outcome.UPDATED, gateway.refresh(NOW).get(0).outcome());
            assertEquals(2, gateway.screen(LISTED, NOW).lists().get(0).sequence());
            assertTrue(Files.isDirectory(state.resolve("se/generation-1")));
            assertTrue(Files.isDirectory(state.resolve("se/generation-2")));
            assertFalse(Files.exists(state.resolve("se/pending")));
            Disk.write(state.resolve("se"), "current", Text.utf8("1\n"));
            assertTrue(gateway.reloadIfChanged(NOW));
            assertEquals(List.of("rolled_back"), gateway.status(NOW).coalitions().get(0).doubts());
        }
    }

    @Test
    void aRepositoryThatFailsLeavesTheListsAndIsRefreshedInTheBackground() throws Exception {
        Path state = Fixtures.state(room);
        Disk.write(state.resolve("se"), "enrolment.json", Text.utf8(Fixtures.enrolment("nowhere")));
        long begun = System.nanoTime();
        Options options = Fixtures.options()
                .clock(() -> Instant.ofEpochSecond(NOW).plusNanos(System.nanoTime() - begun))
                .build();
        try (Gateway gateway = Gateway.open(state, options)) {
            gateway.startRefreshing(Duration.ofMillis(10), Duration.ofMillis(10));
            while (gateway.status().refreshed().isEmpty()) {
                Thread.sleep(5);
            }
            gateway.stopRefreshing();
            Refreshed last = gateway.status().refreshed().get("se");
            assertEquals(Refreshed.Outcome.FAILED, last.outcome());
            assertTrue(last.why().contains("directory cannot be read"), last.why());
            assertEquals(Action.BLOCK, gateway.screen(LISTED).action());
        }
    }
}
