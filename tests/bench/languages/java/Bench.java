import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Times two modules by turns in Java, with Chicory's compiler. Bench SCRIPT OLD NEW ROUNDS CALLS LOADS
 * What SCRIPT is and what is printed: see ../bench.mjs.
 */
public final class Bench {
  private static final int SIZE = 1 << 20;

  private record Step(String part, String operation, long now, byte[] message, byte[] file) {}

  private record Compiled(WasmModule module, Function<Instance, Machine> machine) {}

  private final Instance instance;
  private final Map<String, ExportFunction> functions = new HashMap<>();
  private final long in;
  private final long out;

  private Bench(Compiled compiled) {
    instance = Instance.builder(compiled.module()).withMachineFactory(compiled.machine()).build();
    in = ask("interdict_alloc", SIZE);
    out = ask("interdict_alloc", SIZE);
  }

  private long ask(String name, long... arguments) {
    return functions.computeIfAbsent(name, instance::export).apply(arguments)[0];
  }

  private void call(Step step) {
    if (step.file() != null) {
      instance.memory().write((int) ask("interdict_file_begin", step.file().length), step.file());
    }
    instance.memory().write((int) in, step.message());
    int answer = (int) ask(step.operation(), in, step.message().length, step.now(), out, SIZE);
    if (answer < 0) {
      throw new IllegalStateException(step.operation() + ": " + answer);
    }
  }

  private static Bench loaded(Compiled compiled, List<Step> steps, String part) {
    Bench bench = new Bench(compiled);
    steps.stream().filter(step -> step.part().equals(part)).forEach(bench::call);
    return bench;
  }

  private static Compiled compiled(String path) {
    WasmModule module = Parser.parse(Path.of(path));
    return new Compiled(module, MachineFactoryCompiler.compile(module));
  }

  public static void main(String[] arguments) throws IOException {
    Path script = Path.of(arguments[0]);
    List<Step> steps = new ArrayList<>();
    for (String line : Files.readAllLines(script.resolve("calls"))) {
      String[] words = line.split(" ");
      byte[] file = words[4].equals("-") ? null : Files.readAllBytes(script.resolve(words[4]));
      byte[] message = Files.readAllBytes(script.resolve(words[3]));
      steps.add(new Step(words[0], "interdict_" + words[1], Long.parseLong(words[2]), message, file));
    }
    Compiled[] modules = {compiled(arguments[1]), compiled(arguments[2])};
    int rounds = Integer.parseInt(arguments[3]);
    int calls = Integer.parseInt(arguments[4]);
    int loads = Integer.parseInt(arguments[5]);
    double[] times = new double[2];
    for (int round = 0; round <= loads; round++) {
      for (int index = 0; index < 2; index++) {
        long start = System.nanoTime();
        loaded(modules[index], steps, "load");
        times[index] = System.nanoTime() - start;
      }
      print(round, "load", times);
    }
    Bench[] instances = {loaded(modules[0], steps, "screen"), loaded(modules[1], steps, "screen")};
    for (Step step : steps) {
      if (step.part().equals("load") || step.part().equals("screen")) {
        continue;
      }
      for (int round = 0; round <= rounds; round++) {
        for (int index = 0; index < 2; index++) {
          long start = System.nanoTime();
          for (int call = 0; call < calls; call++) {
            instances[index].call(step);
          }
          times[index] = (double) (System.nanoTime() - start) / calls;
        }
        print(round, step.part(), times);
      }
    }
  }

  private static void print(int round, String part, double[] times) {
    if (round > 0) {
      System.out.println(part + " " + times[0] + " " + times[1]);
    }
  }
}
