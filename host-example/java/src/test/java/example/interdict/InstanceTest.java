package example.interdict;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.dylibso.chicory.runtime.ExportFunction;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InstanceTest {
    private static final byte[] REQUEST = Text.utf8(Fixtures.request("shop.example"));

    /** What a call does instead, if anything. */
    private static UnaryOperator<ExportFunction> failing(AtomicReference<Error> failure, AtomicInteger lookUps) {
        return function -> {
            lookUps.incrementAndGet();
            return arguments -> {
                if (failure.get() != null) {
                    throw failure.get();
                }
                return function.apply(arguments);
            };
        };
    }

    @ParameterizedTest
    @ValueSource(classes = {StackOverflowError.class, OutOfMemoryError.class})
    void memoryOrStackThatRunsOutEndsTheInstance(Class<? extends Error> failure) throws Exception {
        AtomicReference<Error> next = new AtomicReference<>();
        Instance instance = new Instance(Module.builtIn(), failing(next, new AtomicInteger()));
        instance.call(Operation.SCREEN, REQUEST, Fixtures.NOW);
        assertEquals(31, instance.verdict());
        next.set(failure.getConstructor().newInstance());
        assertEquals(Kind.TRAPPED, kind(instance));
        next.set(null);
        assertEquals(Kind.TRAPPED, kind(instance));
        assertTrue(instance.isTrapped());
        assertEquals(60, instance.verdict());
        assertThrows(InterdictException.class, instance::copy);
    }

    private static Kind kind(Instance instance) {
        return assertThrows(
                        InterdictException.class, () -> instance.call(Operation.SCREEN, REQUEST, Fixtures.NOW))
                .kind();
    }

    @Test
    void aPoisonedInstanceIsNeverAskedAgain() {
        AtomicInteger calls = new AtomicInteger(-100);
        Instance instance = new Instance(Module.builtIn(), function -> arguments ->
                calls.incrementAndGet() < 0 ? function.apply(arguments) : new long[] {-4});
        calls.set(0);
        assertEquals(Kind.TRAPPED, kind(instance));
        assertEquals(1, calls.get());
        assertEquals(Kind.TRAPPED, kind(instance));
        assertEquals(1, calls.get());
    }

    @Test
    void functionsAreLookedUpOnceAndMemoryStaysAsItIs() {
        AtomicInteger lookUps = new AtomicInteger();
        Instance instance = new Instance(Module.builtIn(), failing(new AtomicReference<>(), lookUps));
        final int before = lookUps.get();
        byte[] large = Text.utf8(" ".repeat(60_000) + Fixtures.request("shop.example"));
        for (int round = 0; round < 100; round++) {
            instance.call(Operation.SCREEN, REQUEST, Fixtures.NOW);
            instance.call(Operation.SCREEN, large, Fixtures.NOW);
        }
        long memory = instance.memory();
        for (int round = 0; round < 300; round++) {
            instance.call(Operation.SCREEN, REQUEST, Fixtures.NOW);
            instance.call(Operation.SCREEN, large, Fixtures.NOW);
            assertThrows(
                    InterdictException.class, () -> instance.call(Operation.SCREEN, Text.utf8("{}"), Fixtures.NOW));
        }
        assertEquals(memory, instance.memory());
        assertEquals(before, lookUps.get());
    }

    @Test
    void timesAfter2038AreTakenAndOthersThan32BitsAreNot() {
        Instance instance = new Instance(Module.builtIn());
        instance.call(Operation.STATE, Text.utf8("{}"), 4_070_908_800L);
        for (long time : new long[] {-1, 1L << 32}) {
            InterdictException error = assertThrows(
                    InterdictException.class, () -> instance.call(Operation.STATE, Text.utf8("{}"), time));
            assertEquals(Kind.INVALID, error.kind());
        }
        InterdictException early = assertThrows(
                InterdictException.class, () -> instance.call(Operation.STATE, Text.utf8("{}"), 1_000_000_000));
        assertEquals(-3, early.code());
    }

    @Test
    void aRefusalHasCodeNameAndPlace() {
        Instance instance = new Instance(Module.builtIn());
        byte[] message = Text.utf8(
                "{\"flow\":\"payout\",\"identifiers\":[{\"kind\":\"domain\",\"value\":\"a.example\",\"x\":1}]}");
        InterdictException error = assertThrows(
                InterdictException.class, () -> instance.call(Operation.SCREEN, message, Fixtures.NOW));
        Refusal refusal = error.refusal().orElseThrow();
        assertEquals(Kind.REFUSED, error.kind());
        assertTrue(refusal.code() < 0 && refusal.name() != null);
        assertEquals("identifiers[0]", refusal.path());
        assertEquals(60, instance.verdict());
    }

    @Test
    void aCopyAnswersTheSameAndGoesItsOwnWay() {
        Instance instance = new Instance(Module.builtIn());
        byte[] key = Text.utf8("{\"receipt_key\":\"" + "07".repeat(32) + "\"}");
        instance.call(Operation.CONFIGURE, key, Fixtures.NOW);
        Instance copy = instance.copy();
        byte[] answer = instance.call(Operation.SCREEN, REQUEST, Fixtures.NOW);
        assertArrayEquals(answer, copy.call(Operation.SCREEN, REQUEST, Fixtures.NOW));
        byte[] other = Text.utf8("{\"receipt_key\":\"" + "08".repeat(32) + "\"}");
        copy.call(Operation.CONFIGURE, other, Fixtures.NOW);
        assertArrayEquals(answer, instance.call(Operation.SCREEN, REQUEST, Fixtures.NOW));
    }
}
