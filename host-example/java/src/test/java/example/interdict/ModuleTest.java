package example.interdict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.dylibso.chicory.wasm.Parser;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ModuleTest {
    private static Kind checked(Consumer<Map<String, byte[]>> change) {
        byte[] changed = Fixtures.exporting(change);
        return assertThrows(InterdictException.class, () -> Module.of(changed)).kind();
    }

    @Test
    void theBuiltInModuleRunsInTheClassesOfTheBuild() {
        Instance instance = new Instance(Module.builtIn());
        assertEquals("example.interdict.compiled.CompiledMachine", instance.machine().getName());
        assertTrue(instance.isCompiled());
        String committed = Fixtures.text(Fixtures.FOLDER.resolve("../wasm/dist/interdict.wasm.sha256"));
        assertEquals(committed.split(" ")[0], Module.builtIn().sha256());
        assertSame(Module.builtIn(), Module.of(Fixtures.module()));
    }

    @Test
    void anOlderModuleIsCompiledWhenItIsGivenAndHasNoNumber() {
        Module older = Module.of(Fixtures.exporting(exports -> {
            exports.remove("interdict_verdict");
            exports.remove("interdict_walk");
        }));
        Instance instance = new Instance(older);
        assertTrue(instance.isCompiled());
        assertFalse(instance.machine().getName().startsWith("example.interdict.compiled."));
        byte[] answer = instance.call(
                Operation.SCREEN, Text.utf8(Fixtures.request("shop.example")), Fixtures.NOW);
        assertTrue(Text.of(answer).contains("\"degraded\":true"));
        assertEquals(60, instance.verdict());
    }

    @Test
    void aLaterFunctionIsAcceptedAndAnyOtherExportIsNot() {
        byte[] newer = Fixtures.exporting(
                exports -> exports.put("interdict_to_come", exports.get("interdict_alloc")));
        Exports.check(Parser.parse(newer));
        assertEquals(Kind.FOREIGN_MODULE, checked(exports -> exports.put("debug", exports.get("interdict_alloc"))));
        assertEquals(Kind.FOREIGN_MODULE, checked(exports -> exports.put("other", exports.get("memory"))));
    }

    @Test
    void aMissingOrExchangedFunctionIsNoticedBeforeAnythingRuns() {
        assertEquals(Kind.FOREIGN_MODULE, checked(exports -> exports.remove("interdict_result")));
        assertEquals(Kind.FOREIGN_MODULE, checked(exports -> exports.remove("memory")));
        assertEquals(
                Kind.FOREIGN_MODULE,
                checked(exports -> exports.put("interdict_screen", exports.get("interdict_alloc"))));
        byte[] none = {0, 'a', 's', 'm'};
        assertEquals(Kind.FOREIGN_MODULE, assertThrows(InterdictException.class, () -> Module.of(none)).kind());
    }

    @Test
    void aModuleWithAnImportIsRefused() {
        // One type without parameters, and one imported function of it.
        byte[] importing = {
            0, 'a', 's', 'm', 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 2, 7, 1, 1, 'e', 1, 'f', 0, 0
        };
        InterdictException error = assertThrows(InterdictException.class, () -> Module.of(importing));
        assertEquals(Kind.FOREIGN_MODULE, error.kind());
        assertTrue(error.getMessage().contains("imports"), error.getMessage());
    }
}
