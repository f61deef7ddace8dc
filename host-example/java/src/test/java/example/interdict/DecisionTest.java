package example.interdict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecisionTest {
    @ParameterizedTest
    @CsvSource({
        "allow,,payout,false,pass", "monitor,record,onboarding,false,pass", "review,record,payout,true,hold",
        "review,score,checkout,false,pass", "hold_payout,record,authorisation,true,pass",
        "hold_payout,candidate,onboarding,false,refuse", "review,record,payout,false,refuse",
        "review,score,payout,false,not_screened", "review,,onboarding,false,not_screened",
        "block,record,checkout,false,refuse", "block,record,payout,true,refuse",
        "Block,record,payout,true,invalid", ",record,payout,true,invalid", "allow,,refund,true,invalid",
        "block,,,true,invalid"
    })
    void theTableOfDoors(String action, String because, String flow, boolean holds, String expected) {
        String decided;
        try {
            decided = Decision.of(action, because, flow, holds).name().toLowerCase(Locale.ROOT);
        } catch (InterdictException error) {
            decided = error.kind().word();
        }
        assertEquals(expected, decided);
    }

    @Test
    void anAnswerThatIsNotUnderstoodIsNoVerdict() {
        for (String answer : new String[] {
            "{\"action\":\"pass\",\"degraded\":false}", "{\"action\":\"allow\"}", "{\"degraded\":false}",
            "{\"action\":\"allow\",\"degraded\":\"false\"}"
        }) {
            InterdictException error = assertThrows(
                    InterdictException.class, () -> Verdict.read(answer, Json.answer(answer)));
            assertEquals(Kind.ANSWER, error.kind());
        }
        assertThrows(InterdictException.class, () -> Json.answer("{action:allow}"));
    }

    @Test
    void partsOfAnAnswerAreItsOwnBytes() {
        String text =
                "{ \"a\" : \"}\\\"{\", \"receipt\":{\"b\":[1,{\"c\":\"]\"}]} ,\"d\":[ 1 , {} ,\"x,y\"], \"e\":-5}";
        assertEquals("{\"b\":[1,{\"c\":\"]\"}]}", Spans.member(text, "receipt"));
        assertEquals("-5", Spans.member(text, "e"));
        assertEquals(null, Spans.member(text, "b"));
        assertEquals(java.util.List.of("1", "{}", "\"x,y\""), Spans.elements(Spans.member(text, "d")));
    }
}
