import example.interdict.Gateway;
import example.interdict.InterdictException;
import example.interdict.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.json.JSONObject;

/** Many threads screen while lists are swapped, instances trap, and gateways are closed. */
final class Soak {
    private static final String TRAP = "!";

    private record Request(String message, Set<String> answers) {}

    private final JSONObject step;
    private final long now;
    private final Path state;
    private final List<Request> requests = new ArrayList<>();
    private final AtomicLong screened = new AtomicLong();
    private final AtomicLong wrong = new AtomicLong();
    private final AtomicLong trapped = new AtomicLong();
    private final AtomicLong swapped = new AtomicLong();
    private final AtomicLong closed = new AtomicLong();
    private final Map<String, AtomicLong> errors = new ConcurrentHashMap<>();
    private volatile Gateway gateway;
    private volatile boolean isOver;
    private long generation = 1;

    Soak(JSONObject step, long now) {
        this.step = step;
        this.now = now;
        state = Path.of(step.getString("state"));
        for (Object one : step.getJSONArray("requests")) {
            JSONObject request = (JSONObject) one;
            Set<String> answers = new HashSet<>();
            request.getJSONArray("answers").forEach(answer -> answers.add(answer.toString()));
            requests.add(new Request(request.getString("message"), answers));
        }
    }

    JSONObject run() throws InterruptedException {
        gateway = open();
        List<Thread> threads = new ArrayList<>();
        for (int thread = 0; thread < step.getInt("threads"); thread++) {
            Random random = new Random(thread);
            threads.add(every(0, () -> screen(random)));
        }
        threads.add(every(50, this::swap));
        threads.add(every(20, this::trap));
        threads.add(every(200, this::reopen));
        threads.forEach(Thread::start);
        long third = step.getLong("seconds") * 1000 / 3;
        Thread.sleep(third);
        long early = Memory.used();
        Thread.sleep(2 * third);
        isOver = true;
        for (Thread thread : threads) {
            thread.join();
        }
        gateway.close();
        gateway = open();
        final long late = Memory.used();
        gateway.close();
        return new JSONObject()
                .put("screened", screened)
                .put("wrong", wrong)
                .put("trapped", trapped)
                .put("swapped", swapped)
                .put("closed", closed)
                .put("errors", new JSONObject(new TreeMap<>(errors)))
                .put("third", early)
                .put("end", late);
    }

    private Gateway open() {
        return Gateway.open(state, new Steps().options(step, now).build(), now);
    }

    private interface Work {
        void run() throws IOException;
    }

    private Thread every(long millis, Work work) {
        return new Thread(() -> {
            while (!isOver) {
                try {
                    work.run();
                    Thread.sleep(millis);
                } catch (InterdictException error) {
                    // Who is told that the gateway is closed goes on with the next one.
                    if (error.kind() != Kind.CLOSED) {
                        count(error.kind().word() + ": " + error.getMessage());
                    }
                } catch (IOException | InterruptedException | RuntimeException error) {
                    count(error.toString());
                }
            }
        });
    }

    private void count(String error) {
        errors.computeIfAbsent(error, key -> new AtomicLong()).incrementAndGet();
    }

    private void screen(Random random) {
        Request request = requests.get(random.nextInt(requests.size()));
        String answer = gateway.screen(request.message(), now).text();
        screened.incrementAndGet();
        if (!request.answers().contains(answer)) {
            wrong.incrementAndGet();
        }
    }

    private void swap() throws IOException {
        generation = 3 - generation;
        Path staged = state.resolve("se/.staged-current");
        Files.writeString(staged, generation + "\n");
        Files.move(staged, state.resolve("se/current"), StandardCopyOption.ATOMIC_MOVE);
        if (gateway.reloadIfChanged(now)) {
            swapped.incrementAndGet();
        }
    }

    private void trap() {
        try {
            gateway.screen(TRAP, now);
            count("no trap");
        } catch (InterdictException error) {
            if (error.kind() != Kind.TRAPPED) {
                throw error;
            }
            trapped.incrementAndGet();
        }
    }

    private void reopen() {
        Gateway old = gateway;
        gateway = open();
        old.close();
        closed.incrementAndGet();
    }
}
