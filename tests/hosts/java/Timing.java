import example.interdict.Gateway;
import example.interdict.Instance;
import example.interdict.Operation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.json.JSONObject;

/** How long things take in this host. */
final class Timing {
    private static final int SAMPLES = 5;
    private static final int LINES = 1000;
    /** HotSpot has compiled what it will compile of the module after so many nanoseconds. */
    private static final long WARM = 12_000_000_000L;

    private Timing() {}

    static JSONObject run(JSONObject step, long begin) {
        long begun = System.nanoTime();
        Instance first = new Instance(Tested.module());
        first.call(Operation.STATE, utf8("{}"), begin);
        final double start = milliseconds(begun);
        long loading = System.nanoTime();
        try (Gateway gateway = Gateway.open(
                Path.of(step.getString("state")), new Steps().options(step, begin).workers(1).build(), begin)) {
            final double load = milliseconds(loading);
            List<String> requests = new ArrayList<>();
            step.getJSONArray("requests").forEach(request -> requests.add(request.toString()));
            List<String> lines = new ArrayList<>();
            for (int line = 0; line < LINES; line++) {
                lines.add(requests.get(line % requests.size()));
            }
            List<byte[]> messages = requests.stream().map(Timing::utf8).toList();
            long sample = step.getLong("milliseconds") * 1_000_000;
            java.util.function.LongSupplier now = () -> begin + (System.nanoTime() - begun) / 1_000_000_000;
            for (long warming = System.nanoTime(); System.nanoTime() - warming < WARM; ) {
                gateway.screenBatch(lines, now.getAsLong());
                requests.forEach(request -> gateway.screen(request, now.getAsLong()));
            }
            double batch = nanoseconds(sample, LINES, () -> gateway.screenBatch(lines, now.getAsLong()));
            Instance loaded = gateway.instance();
            double bare = nanoseconds(sample, requests.size(), () ->
                    messages.forEach(message -> loaded.call(Operation.SCREEN, message, now.getAsLong())));
            double copy = nanoseconds(sample, 1, loaded::copy);
            double single = nanoseconds(sample, requests.size(), () ->
                    requests.forEach(request -> gateway.screen(request, now.getAsLong())));
            return new JSONObject()
                    .put("start_ms", start)
                    .put("load_ms", load)
                    .put("clone_ms", copy / 1e6)
                    .put("single_ns", single)
                    .put("bare_ns", bare)
                    .put("batch_ns", batch)
                    .put("memory_bytes", Memory.used());
        }
    }

    /** The median of some samples, for one of the things that a run does. */
    private static double nanoseconds(long sample, int count, Runnable run) {
        double[] samples = new double[SAMPLES];
        // The first run of a sample's length warms up.
        for (int number = -1; number < SAMPLES; number++) {
            long begun = System.nanoTime();
            long runs = 0;
            while (System.nanoTime() - begun < sample) {
                run.run();
                runs++;
            }
            samples[Math.max(0, number)] = (double) (System.nanoTime() - begun) / runs / count;
        }
        Arrays.sort(samples);
        return samples[SAMPLES / 2];
    }

    private static double milliseconds(long begun) {
        return (System.nanoTime() - begun) / 1e6;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
