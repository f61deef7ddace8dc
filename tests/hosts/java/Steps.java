import example.interdict.Answer;
import example.interdict.Decision;
import example.interdict.Gateway;
import example.interdict.Instance;
import example.interdict.Options;
import example.interdict.Patience;
import example.interdict.Receipts;
import example.interdict.Refreshed;
import example.interdict.Status;
import example.interdict.Verdict;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.json.JSONArray;
import org.json.JSONObject;

/** Lines with a "do": one gateway goes through them (fixtures/README.md, Protocol of a host). */
final class Steps {
    private Gateway gateway;
    private final AtomicLong receipts = new AtomicLong();

    Object run(JSONObject step) throws Exception {
        long now = step.optLong("now");
        return switch (step.getString("do")) {
            case "about" -> about();
            case "open" -> open(step, now);
            case "screen" -> screen(step.getString("message"), now);
            case "batch" -> batch(step.get("lines"), now);
            case "refresh" -> refresh(now);
            case "status" -> status(now);
            case "reload" -> opened().reloadIfChanged(now);
            case "selftest" -> {
                opened().selftest(now);
                yield new JSONObject();
            }
            case "close" -> close();
            case "decide" -> decide(step);
            case "receipts" -> new JSONObject().put("count", receipts.get());
            case "soak" -> new Soak(step, now).run();
            case "bench" -> Timing.run(step, now);
            default -> throw new IllegalArgumentException("an unknown step");
        };
    }

    private static JSONObject about() {
        return new JSONObject()
                .put("language", "Java " + System.getProperty("java.version"))
                .put("runtime", "Chicory 1.7.5, compiled at build time")
                .put("compiled", new Instance(Tested.module()).isCompiled())
                .put("module", Tested.module().sha256());
    }

    private Gateway opened() {
        if (gateway == null) {
            throw new IllegalStateException("no gateway is open");
        }
        return gateway;
    }

    private JSONObject open(JSONObject step, long now) {
        close();
        receipts.set(0);
        gateway = Gateway.open(Path.of(step.getString("state")), options(step, now).build(), now);
        return new JSONObject();
    }

    private JSONObject close() {
        if (gateway != null) {
            gateway.close();
        }
        gateway = null;
        return new JSONObject();
    }

    Options.Builder options(JSONObject step, long now) {
        long begun = System.nanoTime();
        Options.Builder options = Options.builder()
                .module(Tested.module())
                .clock(() -> Instant.ofEpochSecond(now).plusNanos(System.nanoTime() - begun))
                .onReceipt((receipt, answer) -> receipts.incrementAndGet());
        if (step.optJSONObject("policy") != null) {
            options.policy(step.getJSONObject("policy").toString());
        }
        for (Object enrolment : step.optJSONArray("enrolments", new JSONArray())) {
            options.enrolment(enrolment.toString());
        }
        if (!step.isNull("workers")) {
            options.workers(step.getInt("workers"));
        }
        if (!step.isNull("receipts")) {
            options.receipts(Receipts.valueOf(step.getString("receipts").toUpperCase(Locale.ROOT)));
        }
        if (step.optBoolean("private")) {
            options.allowPrivate();
        }
        JSONObject limits = step.optJSONObject("patience", new JSONObject());
        Patience usual = Patience.DEFAULT;
        return options.patience(new Patience(
                limit(limits, "connect", usual.connect()),
                limit(limits, "response", usual.response()),
                limit(limits, "file", usual.file()),
                limit(limits, "refresh", usual.refresh())));
    }

    private static Duration limit(JSONObject limits, String name, Duration usual) {
        return limits.isNull(name) ? usual : Duration.ofMillis(limits.getLong(name));
    }

    private JSONObject screen(String message, long now) {
        Verdict verdict = opened().screen(message, now);
        return new JSONObject()
                .put("answer", verdict.text())
                .put("action", verdict.action().word());
    }

    private JSONObject batch(Object given, long now) {
        List<String> lines = new ArrayList<>();
        if (given instanceof JSONArray array) {
            array.forEach(line -> lines.add(line.toString()));
        } else if (!given.toString().isEmpty()) {
            String text = given.toString();
            String whole = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
            lines.addAll(Arrays.asList(whole.split("\n", -1)));
        }
        List<String> answers =
                opened().screenBatch(lines, now).stream().map(Answer::text).toList();
        return new JSONObject().put("answers", new JSONArray(answers));
    }

    private JSONObject refresh(long now) {
        JSONArray coalitions = new JSONArray();
        for (Refreshed one : opened().refresh(now)) {
            coalitions.put(outcome(one).put("coalition", one.coalition()));
        }
        return new JSONObject().put("coalitions", coalitions);
    }

    private static JSONObject outcome(Refreshed one) {
        return new JSONObject().put("outcome", one.outcome().word()).putOpt("why", one.why());
    }

    private JSONObject status(long now) {
        Status status = opened().status(now);
        JSONArray coalitions = new JSONArray();
        status.coalitions().forEach(state -> coalitions.put(new JSONObject(state.text())));
        JSONObject refreshed = new JSONObject();
        status.refreshed().forEach((name, one) -> refreshed.put(name, outcome(one)));
        return new JSONObject()
                .put("coalitions", coalitions)
                .put("refreshed", refreshed)
                .put("warnings", new JSONArray(status.warnings()))
                .put("traps", status.traps());
    }

    private static String decide(JSONObject step) {
        String because = step.isNull("because") ? null : step.getString("because");
        Decision decision =
                Decision.of(step.getString("action"), because, step.getString("flow"), step.getBoolean("holds"));
        return decision.name().toLowerCase(Locale.ROOT);
    }
}
