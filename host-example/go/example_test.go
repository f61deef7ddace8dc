package interdict_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	interdict "interdict.example/interdict-host"
)

// The lists of the fixtures were signed once, so the examples live at that time.
var signed = time.Unix(1_793_599_200, 0)

// enrolment is a coalition's file, with a repository that is a directory.
func enrolment() []byte {
	text, err := os.ReadFile("../../fixtures/generation/enrolment.json")
	check(err)
	repository, err := filepath.Abs("../../fixtures/repositories/sample")
	check(err)
	return []byte(strings.Replace(string(text), "https://lists.example/se", repository, 1))
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func ExampleOpen() {
	room, err := os.MkdirTemp("", "interdict-example-")
	check(err)
	defer func() { _ = os.RemoveAll(room) }()

	gateway, err := interdict.Open(context.Background(), filepath.Join(room, "state"), interdict.Options{
		Policy:     []byte(`{"required":{"se":["se/merchants"]}}`),
		Enrolments: [][]byte{enrolment()},
		Clock:      func() time.Time { return signed },
	})
	check(err)
	defer func() { _ = gateway.Close() }()
	refreshed, err := gateway.Refresh(context.Background())
	check(err)
	check(gateway.SelfTest())
	fmt.Println(refreshed[0].Coalition, refreshed[0].Outcome)

	request := interdict.Request{Flow: interdict.Onboarding, URL: "https://hold-payout.listed.test/shop"}
	verdict, err := gateway.Screen(request.JSON())
	check(err)
	decision, err := verdict.Decision(interdict.Onboarding, true)
	check(err)
	fmt.Println(verdict.Action, verdict.Because, decision)

	_, err = gateway.Screen([]byte(`{"flow":"payout"}`))
	var refused *interdict.RefusedError
	fmt.Println(errors.As(err, &refused), refused.Name)
	// Output:
	// se updated
	// hold_payout record hold
	// true no_identifier
}

func ExampleDecide() {
	decision, err := interdict.Decide(interdict.Review, "score", interdict.Payout, false)
	fmt.Println(decision == "", interdict.KindOf(err))
	decision, err = interdict.Decide(interdict.Review, "candidate", interdict.Payout, false)
	fmt.Println(decision, err)
	// Output:
	// true not_screened
	// refuse <nil>
}

func ExampleInstance_Call() {
	module, err := interdict.BuiltInModule()
	check(err)
	instance, err := interdict.NewInstance(module)
	check(err)
	defer instance.Close()
	now := uint32(signed.Unix())
	_, err = instance.Call(interdict.OperationScreen,
		interdict.Request{Flow: interdict.Payout, URL: "https://shop.example"}.JSON(), now)
	check(err)
	// Without lists nobody is clean.
	fmt.Println(instance.Verdict())
	// Output: 31
}

func ExampleReadIssuerEvent() {
	body := []byte(`{"merchant":{"acquiring_institution_id":"191231","acceptor_id":"333301802529120","mcc":"5812"}}`)
	event, err := interdict.ReadIssuerEvent(interdict.LithicASA, body)
	check(err)
	fmt.Println(string(event.Request().JSON()))

	_, err = interdict.ReadIssuerEvent(interdict.LithicASA, []byte(`{"card":{}}`))
	fmt.Println(errors.Is(err, interdict.ErrNoMerchant))
	// Output:
	// {"flow":"authorisation","identifiers":[{"kind":"card_acceptor","value":"191231/333301802529120"}],"signals":{"mcc":"5812"}}
	// true
}
