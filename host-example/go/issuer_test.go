package interdict

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	shop    = `"acceptor_id":"SHOP0001"`
	dropped = `{"acquirer":{"institution_id_code":"011610"},` +
		`"card_acceptor":{"mid":"SHOP0001","url":"https://4111111111111111.example"}}`
)

// payer is what the published samples say about payers.
var payer = regexp.MustCompile(`[Pp]ayer|Evergreen|1111`)

type issuerCase struct {
	Name   string
	Source string
	Issuer Issuer
	Event  json.RawMessage
	Text   *string
	Expect map[string]any
}

func (c issuerCase) bytes() []byte {
	if c.Text != nil {
		return []byte(*c.Text)
	}
	return c.Event
}

// casesOf reads cases of the fixtures, none of which may have an unknown member.
func casesOf[Case any](t *testing.T, name string, fewest int) []Case {
	t.Helper()
	file, err := os.Open(filepath.Join(fixtures, name))
	must(t, err)
	defer func() { _ = file.Close() }()
	decoder := json.NewDecoder(file)
	decoder.DisallowUnknownFields()
	var cases []Case
	must(t, decoder.Decode(&cases))
	if len(cases) < fewest {
		t.Fatalf("%s has %d cases", name, len(cases))
	}
	return cases
}

// toldOf is what was read, in the words of the cases.
func toldOf(t *testing.T, issuer Issuer, event []byte) map[string]any {
	t.Helper()
	read, err := ReadIssuerEvent(issuer, event)
	if err != nil {
		if !reflect.DeepEqual(read, IssuerEvent{}) {
			t.Errorf("an error with %+v", read)
		}
		return map[string]any{"error": string(KindOf(err))}
	}
	told := map[string]any{
		"identifiers": append([]Identifier{}, read.Identifiers...),
		"incomplete":  append([]string{}, read.Incomplete...),
		"request":     json.RawMessage(read.Request().JSON()),
	}
	for name, value := range map[string]string{
		"acquirer": read.Acquirer, "acceptor": read.Acceptor, "name": read.Name, "category": read.Category, "url": read.URL,
	} {
		if value != "" {
			told[name] = value
		}
	}
	text, err := json.Marshal(told)
	must(t, err)
	var plain map[string]any
	must(t, json.Unmarshal(text, &plain))
	return plain
}

func lithic(merchant, more string) []byte {
	return fmt.Appendf(nil, `{"merchant":{%s}%s}`, merchant, more)
}

func TestEveryCaseOfAnIssuersEventKeepsWhatItSays(t *testing.T) {
	counts := map[Issuer]int{}
	for _, one := range casesOf[issuerCase](t, "issuers.json", 290) {
		counts[one.Issuer]++
		if told := toldOf(t, one.Issuer, one.bytes()); !reflect.DeepEqual(told, one.Expect) {
			t.Errorf("%s: %v", one.Name, told)
		}
	}
	for _, issuer := range []Issuer{StripeIssuing, AdyenRelayed, LithicASA, MarqetaJIT} {
		if counts[issuer] < 60 {
			t.Errorf("%s has %d cases", issuer, counts[issuer])
		}
	}
}

func TestCardShapedRunsAreThoseOfTheModule(t *testing.T) {
	instance, err := NewInstance(builtInFor(t))
	must(t, err)
	defer instance.Close()
	type textCase struct {
		Text       string
		CardShaped bool `json:"card_shaped"`
	}
	for _, one := range casesOf[textCase](t, "card-shaped.json", 100) {
		if holdsCardNumber(one.Text) != one.CardShaped {
			t.Errorf("%q is not %v", one.Text, one.CardShaped)
		}
		if len(one.Text) > 128 { // the module drops a longer reference anyway
			continue
		}
		request := Request{Flow: Payout, URL: "https://shop.example", Reference: one.Text}
		answer, err := instance.Call(OperationScreen, request.JSON(), uint32(fresh.Unix()))
		must(t, err)
		var told struct {
			Dropped bool `json:"reference_dropped"`
		}
		must(t, json.Unmarshal(answer, &told))
		if told.Dropped != one.CardShaped {
			t.Errorf("%q: the module says %v", one.Text, told.Dropped)
		}
	}
}

func TestTheModuleAnswersEachRequestAndWhatIsIncompleteByRuleIsNeverClean(t *testing.T) {
	instance, err := NewInstance(builtInFor(t))
	must(t, err)
	defer instance.Close()
	for _, one := range casesOf[issuerCase](t, "issuers.json", 290) {
		if event, err := ReadIssuerEvent(one.Issuer, one.bytes()); err == nil {
			_, err := instance.Call(OperationScreen, event.Request().JSON(), uint32(fresh.Unix()))
			must(t, err)
		}
	}
	for _, one := range []struct {
		issuer Issuer
		event  []byte
		unused Unused
	}{
		{LithicASA, lithic(shop, ""), Unused{0, "iso8583.de42", "acquirer_missing"}},
		{MarqetaJIT, []byte(dropped), Unused{1, "url", "empty"}},
	} {
		event, err := ReadIssuerEvent(one.issuer, one.event)
		must(t, err)
		answer, err := instance.Call(OperationScreen, event.Request().JSON(), uint32(fresh.Unix()))
		must(t, err)
		verdict, err := readVerdict(answer)
		must(t, err)
		if !slices.Equal(verdict.Unused, []Unused{one.unused}) {
			t.Errorf("%+v", verdict.Unused)
		}
	}
}

func TestBytesThatAreNoJSONAreMalformed(t *testing.T) {
	events := [][]byte{
		append([]byte("\ufeff"), lithic(shop, "")...),
		lithic(shop, ","),
		lithic(shop, `,"memo"`),
		lithic(shop, ",\u00a0"),
		lithic(`"acceptor_id":"\ud800"`, ""),
		lithic(`"acceptor_id":"\udc00\ud800"`, ""),
		lithic(shop+`,"\ud800":1`, ""),
		append(lithic(shop, ""), 0),
		[]byte("{"),
		nil,
	}
	for _, value := range []string{
		"\"\x00\"", "\"\xff\"", `"\x"`, `"\u12"`, `"\`, "NaN", "-", "01", "1.", "1e", "[1,]", "[1}", `{"a":1]`, `{"a"}`, "{a:1}",
		`{"a":1,}`, "truex", "",
	} {
		events = append(events, lithic(shop, `,"memo":`+value))
	}
	for _, event := range events {
		if _, err := ReadIssuerEvent(LithicASA, event); !errors.Is(err, ErrMalformed) {
			t.Errorf("%q: %v", event, err)
		}
	}
}

func TestWhatIsNotReadMayBeAnythingThatIsJSON(t *testing.T) {
	deep := func(begin, end string) string {
		return strings.Repeat(begin, 30_000) + "1" + strings.Repeat(end, 30_000)
	}
	for _, more := range []string{
		`,"memo":1,"memo":2`,
		`,"memo":{"a":1,"a":[{}]}`,
		`,"memo":"\ud800"`,
		`,"type":7,"type":8`,
		`,"memo":[[],{},[{"a":[]}],-0.5e+7,10,0,true,false,null," "]`,
		`,"memo":` + deep("[", "]"),
		`,"memo":` + deep(`{"a":`, "}"),
	} {
		if event, err := ReadIssuerEvent(LithicASA, lithic(shop, more)); err != nil || event.Acceptor != "SHOP0001" {
			t.Errorf("%.40s: %+v, %v", more, event, err)
		}
	}
	_, err := ReadIssuerEvent(LithicASA, lithic(`"acceptor_id":`+deep("[", "]"), ""))
	wantKind(t, err, KindNoMerchant)
}

func TestEscapesAreReadAsWhatTheyStandFor(t *testing.T) {
	event, err := ReadIssuerEvent(LithicASA, lithic(`"acceptor_id":"\u0053\/\"\\\b\f\n\r\t\ud83d\uDE00ü"`, ""))
	must(t, err)
	if event.Acceptor != "S/\"\\\b\f\n\r\t\U0001f600ü" {
		t.Errorf("%q", event.Acceptor)
	}
}

func TestNothingOfThePayerIsKeptOrTold(t *testing.T) {
	published := 0
	for _, one := range casesOf[issuerCase](t, "issuers.json", 290) {
		if strings.HasSuffix(one.Name, "the published sample") {
			published++
			read, err := ReadIssuerEvent(one.Issuer, one.bytes())
			must(t, err)
			told := fmt.Sprintf("%+v %s", read, read.Request().JSON())
			if !payer.Match(one.bytes()) || payer.MatchString(told) {
				t.Errorf("%s: %s", one.Name, told)
			}
		}
	}
	if published != 4 {
		t.Errorf("%d published samples", published)
	}
	for _, event := range []string{`{"Jenny":"Jenny"}`, `{"merchant":"Jenny"}`, `{"Jenny`, `{"merchant":{"Jenny"`} {
		_, err := ReadIssuerEvent(LithicASA, []byte(event))
		if err == nil || strings.Contains(fmt.Sprintf("%v %+v %v", err, err, errors.Unwrap(err)), "Jenny") {
			t.Errorf("%s: %v", event, err)
		}
	}
}

func TestAnUnknownIssuerIsInvalid(t *testing.T) {
	_, err := ReadIssuerEvent("stripe", []byte("{}"))
	wantKind(t, err, KindInvalid)
}
