package example.interdict;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.dylibso.chicory.wasm.types.MutabilityType;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** What a host accepts: the section of this name in {@code docs/abi.md}. Checked before anything of a module runs. */
final class Exports {
    static final String PREFIX = "interdict_";
    private static final int MAX_PAGES = 1 << 14;
    private static final Set<String> LINKER_GLOBALS = Set.of("__data_end", "__heap_base");
    /** Functions that must be there, with the number of their parameters. */
    private static final Map<String, Integer> NEEDED = needed();
    /** Functions that older modules lack. */
    private static final Map<String, Integer> LATER = Map.of("interdict_verdict", 0, "interdict_walk", 3);
    /** Functions without a result. */
    private static final Set<String> SILENT = Set.of("interdict_abi_v1", "interdict_free");

    private Exports() {}

    private static Map<String, Integer> needed() {
        Map<String, Integer> needed = new HashMap<>(Map.of(
                "interdict_abi_v1", 0,
                "interdict_abi_version", 0,
                "interdict_alloc", 1,
                "interdict_free", 2,
                "interdict_file_begin", 1,
                "interdict_result", 2,
                "interdict_last_error", 2));
        for (Operation operation : Operation.values()) {
            needed.put(PREFIX + operation.word(), 5);
        }
        return Map.copyOf(needed);
    }

    static void check(WasmModule wasm) {
        if (wasm.importSection().importCount() > 0) {
            throw foreign("the module has imports");
        }
        checkMemory(wasm);
        Map<String, Export> exports = new HashMap<>();
        for (int index = 0; index < wasm.exportSection().exportCount(); index++) {
            Export export = wasm.exportSection().getExport(index);
            exports.put(export.name(), export);
            checkOne(wasm, export);
        }
        if (!exports.containsKey("memory") || !exports.keySet().containsAll(NEEDED.keySet())) {
            throw foreign("the module lacks an export of docs/abi.md");
        }
    }

    private static void checkMemory(WasmModule wasm) {
        boolean isOne = wasm.memorySection().filter(section -> section.memoryCount() == 1).isPresent();
        MemoryLimits limits = isOne ? wasm.memorySection().get().getMemory(0).limits() : null;
        if (limits == null || limits.shared() || limits.maximumPages() > MAX_PAGES) {
            throw foreign("the module's memory may be larger than 1 GiB");
        }
    }

    private static void checkOne(WasmModule wasm, Export export) {
        String name = export.name();
        boolean isFine =
                switch (export.exportType()) {
                    case FUNCTION -> name.startsWith(PREFIX) && isTyped(wasm, export);
                    case MEMORY -> name.equals("memory");
                    case GLOBAL -> LINKER_GLOBALS.contains(name) && isConstant(wasm, export);
                    default -> false;
                };
        if (!isFine) {
            throw foreign("the module exports what docs/abi.md does not name");
        }
    }

    private static boolean isTyped(WasmModule wasm, Export function) {
        Integer parameters = NEEDED.getOrDefault(function.name(), LATER.get(function.name()));
        if (parameters == null) {
            return true;
        }
        FunctionType type = wasm.functionSection().getFunctionType(function.index(), wasm.typeSection());
        int results = SILENT.contains(function.name()) ? 0 : 1;
        return type.params().size() == parameters
                && type.returns().size() == results
                && type.params().stream().allMatch(ValType.I32::equals)
                && type.returns().stream().allMatch(ValType.I32::equals);
    }

    private static boolean isConstant(WasmModule wasm, Export global) {
        return wasm.globalSection().getGlobal(global.index()).mutabilityType() == MutabilityType.Const;
    }

    /** Whether the module has this function: the two of ABI 1.1 may be missing. */
    static boolean has(WasmModule wasm, String name) {
        for (int index = 0; index < wasm.exportSection().exportCount(); index++) {
            Export export = wasm.exportSection().getExport(index);
            if (export.name().equals(name) && export.exportType() == ExternalType.FUNCTION) {
                return true;
            }
        }
        return false;
    }

    private static InterdictException foreign(String why) {
        return new InterdictException(Kind.FOREIGN_MODULE, why);
    }
}
