package example.interdict;

import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.InterpreterMachine;
import com.dylibso.chicory.runtime.Memory;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;
import org.json.JSONObject;

/**
 * One engine. One thread at a time uses it: {@link Gateway} has a pool of them. After a trap it never answers again.
 * It holds nothing but heap, and is gone when nothing refers to it.
 */
public final class Instance {
    private static final int BUFFER = 1 << 14;
    private static final int POISONED = -4;
    private static final int NO_VERDICT = 60;
    private static final int CHUNK = 1 << 20;
    private static final long MAX_TIME = 0xFFFF_FFFFL;

    private record Buffer(int pointer, int length) {}

    private final Module module;
    private final com.dylibso.chicory.runtime.Instance engine;
    private final UnaryOperator<ExportFunction> seam;
    private final ExportFunction[] operations = new ExportFunction[Operation.values().length];
    private final ExportFunction alloc;
    private final ExportFunction free;
    private final ExportFunction fileBegin;
    private final ExportFunction result;
    private final ExportFunction lastError;
    private final ExportFunction verdict;
    private final int minor;
    private Buffer input;
    private Buffer output;
    private boolean trapped;

    /**
     * An engine without coalitions.
     *
     * @param module what runs
     * @throws InterdictException of kind {@link Kind#FOREIGN_MODULE} if it speaks another ABI, or {@link Kind#TRAPPED}
     *     if there is no memory for it
     */
    public Instance(Module module) {
        this(module, UnaryOperator.identity());
    }

    /** Tests count and replace functions through the seam; each passes through it once. */
    Instance(Module module, UnaryOperator<ExportFunction> seam) {
        this(module, seam, null);
    }

    private Instance(Module module, UnaryOperator<ExportFunction> seam, Instance from) {
        this.module = module;
        this.seam = seam;
        try {
            engine = module.start();
            if (engine.getMachine() instanceof InterpreterMachine) {
                throw new InterdictException(Kind.FOREIGN_MODULE, "the module would be interpreted");
            }
            for (Operation operation : Operation.values()) {
                operations[operation.ordinal()] = function(operation.word());
            }
            alloc = function("alloc");
            free = function("free");
            fileBegin = function("file_begin");
            result = function("result");
            lastError = function("last_error");
            verdict = Exports.has(module.wasm(), "interdict_verdict") ? function("verdict") : null;
            int version = run(function("abi_version"));
            if (version >> 16 != 1) {
                throw new InterdictException(Kind.FOREIGN_MODULE, "the module speaks another ABI major");
            }
            minor = version & 0xFFFF;
            if (from == null) {
                input = buffer(BUFFER);
                output = buffer(BUFFER);
            } else {
                become(from);
            }
        } catch (InterdictException error) {
            throw error;
        } catch (Throwable trap) {
            throw trapped(trap);
        }
    }

    private ExportFunction function(String name) {
        return seam.apply(engine.export(Exports.PREFIX + name));
    }

    /** Everything that an instance knows lies in its memory; the only mutable global is equal between calls. */
    private void become(Instance from) {
        Memory source = from.engine.memory();
        Memory own = engine.memory();
        if (own.grow(source.pages() - own.pages()) < 0) {
            throw new InterdictException(Kind.TRAPPED, "there is no memory for another instance");
        }
        long size = (long) source.pages() * Memory.PAGE_SIZE;
        for (long at = 0; at < size; at += CHUNK) {
            own.write((int) at, source.readBytes((int) at, (int) Math.min(CHUNK, size - at)));
        }
        input = from.input;
        output = from.output;
    }

    /**
     * Runs one operation.
     *
     * @param operation which
     * @param message the message in UTF-8
     * @param now seconds since 1970
     * @return the answer in UTF-8
     * @throws InterdictException of kind {@link Kind#REFUSED} or {@link Kind#TRAPPED}; {@link Kind#INVALID} if the time
     *     is no number of 32 bits or the message has more than 64 MiB
     */
    public byte[] call(Operation operation, byte[] message, long now) {
        if (now < 0 || now > MAX_TIME) {
            throw InterdictException.invalid("the time is not in seconds since 1970");
        }
        try {
            if (message.length > input.length()) {
                input = exchange(input, message.length);
            }
            engine.memory().write(input.pointer(), message);
            ExportFunction function = operations[operation.ordinal()];
            // A parameter of the module has 32 bits: a time after 2038 is a negative int.
            int length = run(
                    function, input.pointer(), message.length, (int) now, output.pointer(), output.length());
            if (length < 0) {
                throw refused(length);
            }
            return length <= output.length() ? read(length) : fetch(length);
        } catch (InterdictException error) {
            throw error;
        } catch (Throwable trap) {
            throw trapped(trap);
        }
    }

    /**
     * Puts a file into the open region, for the next {@link Operation#SUPPLY}.
     *
     * @param bytes the file, at most 512 MiB
     * @throws InterdictException of kind {@link Kind#INVALID} if the module has no room for it: supply it as
     *     {@code failed}; {@link Kind#TRAPPED}
     */
    public void file(byte[] bytes) {
        try {
            int pointer = run(fileBegin, bytes.length);
            if (pointer <= 0) {
                throw InterdictException.invalid("the module has no room for the file");
            }
            engine.memory().write(pointer, bytes);
        } catch (InterdictException error) {
            throw error;
        } catch (Throwable trap) {
            throw trapped(trap);
        }
    }

    /**
     * The last verdict as a number; pass only if it is 10 to 29.
     *
     * @return 60 if the last operation was no {@link Operation#SCREEN} that gave a verdict
     */
    public int verdict() {
        return trapped || verdict == null ? NO_VERDICT : run(verdict);
    }

    /**
     * Another instance that knows what this one knows, and answers the same. Not during a call.
     *
     * @return the other
     * @throws InterdictException of kind {@link Kind#TRAPPED} if this one trapped, or there is no memory
     */
    public Instance copy() {
        if (trapped) {
            throw trapped(null);
        }
        return new Instance(module, seam, this);
    }

    /**
     * Whether it trapped, and will never answer again.
     *
     * @return {@code true} if it is to be thrown away
     */
    public boolean isTrapped() {
        return trapped;
    }

    /**
     * Whether what runs is bytecode and not an interpreter of the module. There is no instance of which it is false.
     *
     * @return {@code true}, read from the machine that runs
     */
    public boolean isCompiled() {
        return !(engine.getMachine() instanceof InterpreterMachine);
    }

    /** The class that runs the module's functions. */
    Class<?> machine() {
        return engine.getMachine().getClass();
    }

    /** The second number of the module's ABI version. */
    int minor() {
        return minor;
    }

    /** Bytes of memory that the module has. */
    long memory() {
        return (long) engine.memory().pages() * Memory.PAGE_SIZE;
    }

    private int run(ExportFunction function, long... arguments) {
        if (trapped) {
            throw trapped(null);
        }
        try {
            long[] results = function.apply(arguments);
            return results == null || results.length == 0 ? 0 : (int) results[0];
        } catch (Throwable trap) {
            throw trapped(trap);
        }
    }

    /** Whatever interrupts a call, memory or stack that ran out included, leaves the module's memory half changed. */
    private InterdictException trapped(Throwable trap) {
        trapped = true;
        return new InterdictException(Kind.TRAPPED, "the module trapped", trap);
    }

    private InterdictException refused(int code) {
        if (code == POISONED) {
            return trapped(null);
        }
        int length = run(result, output.pointer(), output.length());
        String text = length <= 0 ? "" : utf8(length <= output.length() ? read(length) : fetch(length));
        int whole = run(lastError, output.pointer(), output.length());
        String sentence = utf8(read(Math.max(0, Math.min(whole, output.length()))));
        // A module before ABI 1.1 has the sentence alone.
        JSONObject error = text.startsWith("{\"error\":") ? Json.answer(text).optJSONObject("error") : null;
        Refusal refusal = error == null
                ? new Refusal(code, null, null, sentence, null, "")
                : Refusal.read(text, error.put("code", code));
        return new InterdictException(refusal, sentence.isEmpty() ? refusal.message() : sentence);
    }

    /** The answer has been given, and only did not fit: the operation is not run again. */
    private byte[] fetch(int length) {
        output = exchange(output, length);
        if (run(result, output.pointer(), output.length()) != length) {
            throw InterdictException.answer("the module does not hand out its answer");
        }
        return read(length);
    }

    private Buffer buffer(int length) {
        int pointer = run(alloc, length);
        if (pointer <= 0) {
            throw InterdictException.invalid("too large for the module");
        }
        return new Buffer(pointer, length);
    }

    private Buffer exchange(Buffer old, int length) {
        Buffer larger = buffer(Math.max(length, Integer.highestOneBit(Math.max(1, length - 1)) << 1));
        run(free, old.pointer(), old.length());
        return larger;
    }

    private byte[] read(int length) {
        return engine.memory().readBytes(output.pointer(), length);
    }

    private static String utf8(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
