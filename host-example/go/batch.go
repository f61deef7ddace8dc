package interdict

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"
)

const (
	maxLines = 32_768
	maxBatch = 16 << 20
)

// BatchAnswer is the answer to one line of a batch: a verdict or a refusal, never both.
type BatchAnswer struct {
	Verdict *Verdict
	Refused *RefusedError
	// Raw is the answer as the module gave it, without the line's number.
	Raw json.RawMessage
}

// ScreenBatch answers newline-delimited requests, however many there are, in order and each on its own: a line
// that is refused stops no other. A request stands on one line: printed over several, it would be as many refused ones.
// The last line need not have an end, and an empty text has no answers.
//
// An error means that there are no answers at all: see [Gateway.Screen].
func (g *Gateway) ScreenBatch(lines []byte, at ...time.Time) ([]BatchAnswer, error) {
	now, err := seconds(g.clock, at)
	if err != nil {
		return nil, err
	}
	var raw [][]byte
	err = g.use(now, func(instance *Instance) (err error) {
		if len(lines) > 0 {
			raw, err = screenLines(instance, splitLines(lines), now)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	answers, err := readAnswers(raw)
	if err != nil {
		return nil, err
	}
	for _, answer := range answers {
		if answer.Verdict != nil {
			g.giveReceipt(answer.Verdict.Receipt, answer.Verdict)
		} else {
			g.giveReceipt(answer.Refused.Receipt, nil)
		}
	}
	return answers, nil
}

func splitLines(text []byte) [][]byte {
	return bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
}

// screenLines sends each line until it has its answer.
func screenLines(instance *Instance, lines [][]byte, now uint32) ([][]byte, error) {
	answers := make([][]byte, len(lines))
	open := make([]int, len(lines))
	for place := range open {
		open[place] = place
	}
	for len(open) > 0 {
		batch, sent := oneBatch(lines, open)
		told, err := instance.Call(OperationScreenBatch, batch, now)
		if err != nil {
			return nil, err
		}
		// The answers lie in the module's memory: they are copied once, together.
		given := splitLines(append([]byte(nil), told...))
		if len(given) != sent {
			return nil, failure(KindAnswer, "the module did not answer every line")
		}
		var late []int
		for number, answer := range given {
			if answer, err = withoutNumber(answer, number, instance.module.minor); err != nil {
				return nil, err
			}
			if bytes.HasPrefix(answer, answerTooLarge) {
				late = append(late, open[number])
			} else {
				answers[open[number]] = answer
			}
		}
		// The first line of a batch had all the room that there is.
		if len(late) > 0 && late[0] == open[0] {
			return nil, failure(KindAnswer, "a line's answer is too large")
		}
		open = append(late, open[sent:]...)
	}
	return answers, nil
}

// answerTooLarge begins the answer to a line whose answer did not fit beside the others: it is sent again.
var answerTooLarge = []byte(`{"error":{"code":` + strconv.Itoa(codeAnswerTooLarge) + `,`)

// oneBatch is the first of the lines without an answer, as many as one batch takes.
func oneBatch(lines [][]byte, open []int) (batch []byte, sent int) {
	size := 0
	for _, place := range open[:min(len(open), maxLines)] {
		size += len(lines[place]) + 1
		// A first line that is too large on its own is the module's to refuse.
		if sent > 0 && size > maxBatch {
			break
		}
		sent++
	}
	for _, place := range open[:sent] {
		batch = append(append(batch, lines[place]...), '\n')
	}
	return batch, sent
}

// withoutNumber checks the line's number, which is the last member, and takes it away. A module of ABI 1.0
// gives none.
func withoutNumber(answer []byte, number, minor int) ([]byte, error) {
	if minor == 0 {
		return answer, nil
	}
	member := strconv.AppendInt([]byte(`,"line":`), int64(number), 10)
	rest, isNumbered := bytes.CutSuffix(answer, append(member, '}'))
	if !isNumbered {
		return nil, failure(KindAnswer, "the module answered another line")
	}
	return append(rest[:len(rest):len(rest)+1], '}'), nil
}

func readAnswers(raw [][]byte) ([]BatchAnswer, error) {
	answers := make([]BatchAnswer, len(raw))
	for place, text := range raw {
		answers[place].Raw = text
		var told refusalAnswer
		if bytes.HasPrefix(text, []byte(`{"error":`)) {
			if json.Unmarshal(text, &told) != nil || told.Error == nil || told.Error.Code >= 0 {
				return nil, failure(KindAnswer, "the module's refusal is not one this host understands")
			}
			answers[place].Refused = told.refused()
			continue
		}
		verdict, err := readVerdict(text)
		if err != nil {
			return nil, err
		}
		answers[place].Verdict = verdict
	}
	return answers, nil
}
