package example.interdict;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.json.JSONObject;

/** Any number of requests in as many batches as they need. */
final class Batch {
    private static final int MAX_LINES = 32_768;
    private static final int MAX_BYTES = 16 << 20;
    private static final int ANSWER_TOO_LARGE = -28;

    private Batch() {}

    /** The answers, in the order of the requests. */
    static List<Answer> screen(Instance instance, List<String> requests, long now) {
        List<byte[]> lines = new ArrayList<>();
        for (String request : requests) {
            // A line feed would make two of it. To JSON a carriage return is the same: space, and not allowed in a string.
            lines.add(Text.utf8(request.replace('\n', '\r')));
        }
        Answer[] answers = new Answer[lines.size()];
        List<Integer> open = new ArrayList<>();
        for (int line = 0; line < answers.length; line++) {
            open.add(line);
        }
        while (!open.isEmpty()) {
            open = ask(instance, lines, open, answers, now);
        }
        return Arrays.asList(answers);
    }

    /** One batch from the front of what is open. Returns what still is. */
    private static List<Integer> ask(
            Instance instance, List<byte[]> lines, List<Integer> open, Answer[] answers, long now) {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        int sent = 0;
        while (sent < Math.min(open.size(), MAX_LINES)) {
            byte[] line = lines.get(open.get(sent));
            if (sent > 0 && message.size() + line.length + 1 > MAX_BYTES) {
                break;
            }
            message.writeBytes(line);
            message.write('\n');
            sent++;
        }
        String[] told = Text.of(instance.call(Operation.SCREEN_BATCH, message.toByteArray(), now)).split("\n");
        if (told.length != sent) {
            throw InterdictException.answer("the module did not answer every line");
        }
        List<Integer> left = new ArrayList<>();
        for (int number = 0; number < sent; number++) {
            Answer answer = read(told[number], number, instance.minor());
            if (answer instanceof Refusal refusal && refusal.code() == ANSWER_TOO_LARGE) {
                left.add(open.get(number));
            } else {
                answers[open.get(number)] = answer;
            }
        }
        if (!left.isEmpty() && left.get(0).equals(open.get(0))) {
            throw InterdictException.answer("a line's answer is too large, although it had all the room there is");
        }
        left.addAll(open.subList(sent, open.size()));
        return left;
    }

    /** An answer out of order would be another merchant's. */
    private static Answer read(String line, int number, int minor) {
        String end = ",\"line\":" + number + "}";
        if (!line.endsWith(end) && minor > 0) {
            throw InterdictException.answer("the module answered another line");
        }
        String text = line.endsWith(end) ? line.substring(0, line.length() - end.length()) + "}" : line;
        JSONObject answer = Json.answer(text);
        JSONObject error = answer.optJSONObject("error");
        return error == null ? Verdict.read(text, answer) : Refusal.read(text, error);
    }
}
