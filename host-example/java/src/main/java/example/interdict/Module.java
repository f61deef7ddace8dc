package example.interdict;

import com.dylibso.chicory.compiler.InterpreterFallback;
import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import example.interdict.compiled.Compiled;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.Function;

/**
 * A module, compiled once and checked: it imports nothing, and exports what {@code docs/abi.md} says and nothing of
 * another name. It has no state and any thread may use it. Import it by its whole name,
 * {@code example.interdict.Module}: Java has another {@code Module} of its own.
 */
public final class Module {
    private static final String RESOURCE = "interdict.wasm";

    private final WasmModule wasm;
    private final Function<com.dylibso.chicory.runtime.Instance, Machine> machine;
    private final String sha256;

    private Module(
            WasmModule wasm, Function<com.dylibso.chicory.runtime.Instance, Machine> machine, String sha256) {
        Exports.check(wasm);
        this.wasm = wasm;
        this.machine = machine;
        this.sha256 = sha256;
    }

    /** Read when it is first asked for. */
    private static final class BuiltIn {
        static final Module MODULE = new Module(Compiled.load(), Compiled::create, digest(file()));

        private static byte[] file() {
            try (InputStream file = Module.class.getResourceAsStream(RESOURCE)) {
                return file.readAllBytes();
            } catch (IOException error) {
                throw new InterdictException(Kind.FOREIGN_MODULE, "the package lacks its module", error);
            }
        }
    }

    /**
     * The module in this package. It was compiled to bytecode when the package was built.
     *
     * @return always the same one
     */
    public static Module builtIn() {
        return BuiltIn.MODULE;
    }

    /**
     * Compiles another module, which takes seconds. This needs the optional dependency
     * {@code com.dylibso.chicory:compiler}; on the module path also {@code --add-modules com.dylibso.chicory.compiler}.
     * No function is ever interpreted. The file of the built-in module gives the built-in module.
     *
     * @param file the module's file
     * @return the module
     * @throws InterdictException of kind {@link Kind#FOREIGN_MODULE}, or {@link Kind#INVALID} without the compiler
     */
    public static Module of(byte[] file) {
        String sha256 = digest(file);
        if (sha256.equals(builtIn().sha256)) {
            return builtIn();
        }
        try {
            WasmModule wasm = Parser.parse(file);
            Exports.check(wasm);
            return new Module(wasm, RunTime.compile(wasm), sha256);
        } catch (NoClassDefFoundError missing) {
            throw InterdictException.invalid("this needs com.dylibso.chicory:compiler, which is not here");
        } catch (ChicoryException | IllegalArgumentException | IllegalStateException | StackOverflowError error) {
            throw new InterdictException(Kind.FOREIGN_MODULE, "the file is no module that can be compiled", error);
        }
    }

    /** Apart, so that nothing else needs the optional compiler. */
    private static final class RunTime {
        static Function<com.dylibso.chicory.runtime.Instance, Machine> compile(WasmModule wasm) {
            return MachineFactoryCompiler.builder(wasm)
                    .withInterpreterFallback(InterpreterFallback.FAIL)
                    .compile();
        }
    }

    /**
     * The SHA-256 of the module's file, which receipts name.
     *
     * @return 64 hexadecimal digits
     */
    public String sha256() {
        return sha256;
    }

    WasmModule wasm() {
        return wasm;
    }

    /** The runtime's own instance; its memory is as the file has it. */
    com.dylibso.chicory.runtime.Instance start() {
        return com.dylibso.chicory.runtime.Instance.builder(wasm)
                .withMachineFactory(machine)
                .withMemoryFactory(FlatMemory::new)
                .build();
    }

    static String digest(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every Java has SHA-256", missing);
        }
    }

    @Override
    public String toString() {
        return "Module " + sha256;
    }
}
