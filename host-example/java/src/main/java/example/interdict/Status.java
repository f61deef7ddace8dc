package example.interdict;

import java.util.List;
import java.util.Map;
import org.json.JSONObject;

/**
 * How a gateway is.
 *
 * @param coalitions what is live, by the module
 * @param refreshed what came of the last refresh of each coalition, by name
 * @param warnings what a person should look at, in English
 * @param traps how often an instance trapped and was replaced; no message should do this
 */
public record Status(
        List<CoalitionState> coalitions, Map<String, Refreshed> refreshed, List<String> warnings, long traps) {
    /**
     * One coalition, as the module's {@code state} has it.
     *
     * @param name its name
     * @param doubts why the files may not be the newest that the gateway has had; empty if nothing is wrong
     * @param digest two gateways with the same one were shown the same lists
     * @param text all of it as JSON
     */
    public record CoalitionState(String name, List<String> doubts, String digest, String text) {
        static CoalitionState read(String text) {
            JSONObject state = Json.answer(text);
            return new CoalitionState(
                    state.optString("name"), Json.texts(state, "doubts"), Json.text(state, "digest"), text);
        }
    }
}
