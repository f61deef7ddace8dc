//go:build !race

package interdict

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

// These take long under the race detector, and no goroutine but one is in them.

func TestABatchOfAnySizeHasAnAnswerForEachLine(t *testing.T) {
	gateway := opened(t, sampleState(t), Options{Workers: 1})
	large := Request{Flow: Payout, View: "analyst", Language: "nl", Reference: strings.Repeat("r", 128)}
	for range 32 {
		large.Identifiers = append(large.Identifiers, Identifier{"iban", "none"})
	}
	one, err := gateway.ScreenBatch(large.JSON(), fresh)
	must(t, err)
	// Their answers are more than the module gives at once, and so are the lines after them.
	count := (64<<20)/len(one[0].Raw) + 10
	lines := bytes.Repeat(append(large.JSON(), '\n'), count)
	lines = append(append(lines, bytes.Repeat([]byte("{}\n"), maxLines)...), '\n')
	answers, err := gateway.ScreenBatch(append(lines, asking("bücher.example")...), fresh)
	must(t, err)
	if len(answers) != count+maxLines+2 {
		t.Fatalf("%d answers", len(answers))
	}
	for number, answer := range answers[:count+maxLines] {
		isRight := answer.Verdict != nil && bytes.Equal(answer.Raw, one[0].Raw)
		if number >= count {
			isRight = answer.Refused != nil && answer.Refused.Name == "missing_field"
		}
		if !isRight {
			t.Fatalf("%d: %s", number, answer.Raw)
		}
	}
	last := answers[count+maxLines:]
	if told := answers[count].Refused; told.Path != "flow" || told.Error() != "flow: this field is required" {
		t.Errorf("path %q, error %q", told.Path, told)
	}
	if last[0].Refused.Name != "json_syntax" || last[1].Verdict.Action != Block {
		t.Errorf("%s\n%s", last[0].Raw, last[1].Raw)
	}
	none, err := gateway.ScreenBatch(nil, fresh)
	if err != nil || len(none) != 0 {
		t.Error("an empty batch has answers")
	}
}

func TestCompiledCodeIsKeptForTheNextProcess(t *testing.T) {
	options := ModuleOptions{Cache: t.TempDir()}
	for range 2 {
		module, err := NewModule(context.Background(), builtIn, options)
		must(t, err)
		module.Close()
	}
	if entries := namesIn(t, options.Cache); len(entries) == 0 {
		t.Error("nothing was kept")
	}
	_, err := NewModule(context.Background(), builtIn, ModuleOptions{Cache: "/dev/null/cache"})
	wantKind(t, err, KindInvalid)
}
