package interdict

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

func TestEveryDoorDecidesAsTheTableSays(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(fixtures, "doors.json"))
	must(t, err)
	var cases []struct {
		Action   Action
		Because  string
		Flow     Flow
		Holds    bool
		Decision string
	}
	must(t, json.Unmarshal(text, &cases))
	for _, one := range cases {
		decision, err := Decide(one.Action, one.Because, one.Flow, one.Holds)
		told := string(decision)
		switch KindOf(err) {
		case KindNotScreened:
			told = "not_screened"
		case KindInvalid:
			told = "error"
		}
		if told != one.Decision || (err != nil && decision != "") {
			t.Errorf("%+v: %s", one, told)
		}
	}
}

func TestADoorThatCannotHoldRefusesOnlyWhatIsListed(t *testing.T) {
	for because, wanted := range map[string]Decision{"record": Refuse, "candidate": Refuse, "score": "", "": "", "unavailable": ""} {
		decision, err := Decide(HoldPayout, because, Payout, false)
		if decision != wanted || (wanted == "") != (KindOf(err) == KindNotScreened) {
			t.Errorf("%q: %q, %v", because, decision, err)
		}
	}
}

func TestWhatIsNoVerdictIsAnError(t *testing.T) {
	for _, text := range []string{
		``, `null`, `[]`, `{}`, `{"action":"allow"}`, `{"action":"allow","degraded":null}`,
		`{"action":"allow","degraded":"false"}`, `{"action":"pass","degraded":false}`, `{"degraded":false}`,
		`{"action":["allow"],"degraded":false}`, `{"action":"allow","degraded":false`,
		`{"error":{"code":-17,"name":"unknown_field","message":"block"}}`,
	} {
		if verdict, err := readVerdict([]byte(text)); err == nil || KindOf(err) != KindAnswer || verdict != nil {
			t.Errorf("%s: %v, %v", text, verdict, err)
		}
	}
	verdict, err := readVerdict([]byte(`{"action":"monitor","degraded":true,"new":{"a":1}}`))
	must(t, err)
	if verdict.Action != Monitor || !verdict.Degraded {
		t.Errorf("%+v", verdict)
	}
}
