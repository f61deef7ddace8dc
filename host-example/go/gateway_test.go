package interdict

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestAGatewayScreensAndItsErrorsAreNoVerdicts(t *testing.T) {
	gateway := opened(t, sampleState(t), Options{})
	for domain, action := range map[string]Action{
		"bücher.example": Block, "flowers.example": Allow, "hold-payout.listed.test": HoldPayout,
	} {
		if told := actionOf(t, gateway, domain); told != action {
			t.Errorf("%s: %s", domain, told)
		}
	}
	must(t, gateway.SelfTest(fresh))
	_, err := gateway.Screen([]byte(`{"flow":"payout","identifiers":[]}`), fresh)
	var refused *RefusedError
	if !errors.As(err, &refused) || !errors.Is(err, ErrRefused) || refused.Name != "no_identifier" {
		t.Errorf("%v", err)
	}
	_, err = gateway.Screen(asking("shop.example"), time.Unix(-1, 0))
	wantKind(t, err, KindInvalid)
}

func TestWithoutAPolicyNoVerdictIsClean(t *testing.T) {
	gateway, err := Open(context.Background(), sampleState(t), Options{}, fresh)
	must(t, err)
	defer func() { _ = gateway.Close() }()
	if action := actionOf(t, gateway, "flowers.example"); action == Allow {
		t.Error("a verdict is clean")
	}
}

func TestASelfTestKeepsNoReceipt(t *testing.T) {
	gateway := opened(t, sampleState(t), Options{OnReceipt: func(json.RawMessage, *Verdict) {
		t.Error("a receipt of a name for tests is kept")
	}})
	must(t, gateway.SelfTest(fresh))
}

func TestARequiredListThatIsNotEnrolledIsWarnedOf(t *testing.T) {
	misspelt := json.RawMessage(`{"required":{"se":["se/merchants","se/merchant"],"nl":["nl/all"]}}`)
	status, err := opened(t, sampleState(t), Options{Workers: 1, Policy: misspelt}).Status(fresh)
	must(t, err)
	warned := []string{
		"nl/all of coalition nl is required but not enrolled, so no verdict is clean",
		"se/merchant of coalition se is required but not enrolled, so no verdict is clean",
	}
	if !slices.Equal(status.Warnings, warned) {
		t.Errorf("%q", status.Warnings)
	}
}

func TestASelfTestWithoutListsFails(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state")
	must(t, Enrol(state, enrolmentOf(t, "nowhere"), nil, fresh))
	wantKind(t, opened(t, state, Options{}).SelfTest(fresh), KindSelfTest)
}

func TestAnAnswerOfAnotherLineIsAnError(t *testing.T) {
	for _, answer := range []string{`{"action":"allow","line":1}`, `{"action":"allow"}`, ``} {
		if _, err := withoutNumber([]byte(answer), 0, 1); KindOf(err) != KindAnswer {
			t.Errorf("%s: %v", answer, err)
		}
	}
}

func TestReceiptsAreHandedOverAndTheirPanicLosesNoInstance(t *testing.T) {
	var count int
	gateway := opened(t, sampleState(t), Options{Workers: 1, OnReceipt: func(receipt json.RawMessage, verdict *Verdict) {
		count++
		if !json.Valid(receipt) {
			t.Error("a receipt is not JSON")
		}
		if verdict != nil && verdict.Action == Block {
			panic("the disk is full")
		}
	}})
	for range 3 {
		func() {
			defer func() { _ = recover() }()
			_, _ = gateway.Screen(asking("bücher.example"), fresh)
			t.Error("the panic was hidden")
		}()
	}
	_, err := gateway.Screen([]byte("{}"), fresh)
	wantKind(t, err, KindRefused)
	if actionOf(t, gateway, "flowers.example") != Allow || count != 5 {
		t.Errorf("%d receipts", count)
	}
	findings := opened(t, gateway.loader.store.path, Options{Receipts: ReceiptsFindings})
	verdict, err := findings.Screen(asking("flowers.example"), fresh)
	must(t, err)
	if verdict.Receipt != nil {
		t.Error("a clean verdict has a receipt")
	}
}

func TestTheClockIsAskedAnewForEveryCall(t *testing.T) {
	now := fresh
	gateway := opened(t, sampleState(t), Options{Workers: 1, Clock: func() time.Time { now = now.Add(time.Second); return now }})
	ages := map[int64]bool{}
	for range 3 {
		verdict, err := gateway.Screen(asking("flowers.example"))
		must(t, err)
		ages[*verdict.Lists[0].Age] = true
	}
	if len(ages) != 3 {
		t.Errorf("the clock stands still: %v", ages)
	}
}

func TestCloseWaitsForCallsAndFreesNothingUnderThem(t *testing.T) {
	state := sampleState(t)
	for range 3 {
		gateway := opened(t, state, Options{Workers: 2})
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for {
					verdict, err := gateway.Screen(asking("bücher.example"), fresh)
					if err != nil {
						wantKind(t, err, KindClosed)
						return
					}
					if verdict.Action != Block {
						t.Error(verdict.Action)
					}
				}
			})
		}
		time.Sleep(5 * time.Millisecond)
		must(t, gateway.Close())
		all.Wait()
		_, err := gateway.Status(fresh)
		wantKind(t, err, KindClosed)
		_, err = gateway.Refresh(context.Background(), fresh)
		wantKind(t, err, KindClosed)
		_, err = gateway.ReloadIfChanged(context.Background(), fresh)
		wantKind(t, err, KindClosed)
		wantKind(t, gateway.StartRefreshing(0, 0, nil), KindClosed)
		must(t, gateway.Close())
	}
}

func TestCloseReturnsOnlyAfterTheLastCall(t *testing.T) {
	gateway := opened(t, sampleState(t), Options{Workers: 1})
	held, err := gateway.enter()
	must(t, err)
	busy, closed := <-held.idle, make(chan struct{})
	go func() {
		defer close(closed)
		_ = gateway.Close()
	}()
	select {
	case <-closed:
		t.Error("the gateway was closed during a call")
	case <-time.After(50 * time.Millisecond):
	}
	if _, err := busy.Call(OperationScreen, asking("bücher.example"), uint32(fresh.Unix())); err != nil {
		t.Error(err)
	}
	held.idle <- busy
	gateway.leave(held)
	<-closed
	if !busy.isClosed {
		t.Error("the instance is not freed")
	}
}

func TestATrapCostsOneRequestAndNoInstance(t *testing.T) {
	module := trappingModule(t)
	for _, workers := range []int{1, 3} {
		gateway := opened(t, sampleState(t), Options{Module: module, Workers: workers})
		for range 5 {
			_, err := gateway.Screen([]byte("!"), fresh)
			wantKind(t, err, KindTrapped)
			if action := actionOf(t, gateway, "bücher.example"); action != Block {
				t.Errorf("after a trap: %s", action)
			}
		}
		status, err := gateway.Status(fresh)
		must(t, err)
		if status.Traps != 5 || len(gateway.live.idle) != workers || int(gateway.live.alive.Load()) != workers {
			t.Errorf("%d traps, %d instances", status.Traps, len(gateway.live.idle))
		}
	}
}

func TestATrappedInstanceThatCannotBeReplacedIsTriedAgain(t *testing.T) {
	state := sampleState(t)
	gateway := opened(t, state, Options{Module: trappingModule(t), Workers: 1})
	must(t, os.Rename(state, state+"-away"))
	_, err := gateway.Screen([]byte("!"), fresh)
	wantKind(t, err, KindTrapped)
	_, err = gateway.Screen(asking("bücher.example"), fresh)
	if err == nil {
		t.Fatal("an instance without a store answers")
	}
	must(t, os.Rename(state+"-away", state))
	if actionOf(t, gateway, "bücher.example") != Block {
		t.Error("the gateway does not recover")
	}
}

func TestChangesOfTheDirectoryAreLoadedOnceAndWaitForNobody(t *testing.T) {
	state := sampleState(t)
	gateway := opened(t, state, Options{Workers: 2})
	reload := func() bool {
		changed, err := gateway.ReloadIfChanged(context.Background(), fresh)
		must(t, err)
		return changed
	}
	if reload() {
		t.Error("nothing changed, and it was loaded")
	}
	held, err := gateway.enter()
	must(t, err)
	busy := <-held.idle
	copyDirectory(t, filepath.Join(state, "se", "generation-1"), filepath.Join(state, "se", "generation-2"))
	writeTo(t, filepath.Join(state, "se", "current"), "2\n")
	if !reload() || reload() {
		t.Error("a new generation is loaded once")
	}
	if _, err := busy.Call(OperationScreen, asking("bücher.example"), uint32(fresh.Unix())); err != nil {
		t.Errorf("the swap took an instance away from a call: %v", err)
	}
	held.idle <- busy
	gateway.leave(held)
	if !busy.isClosed {
		t.Error("old instances are not freed")
	}
	writeTo(t, filepath.Join(state, "se", "enrolment.json"), "{")
	_, err = gateway.ReloadIfChanged(context.Background(), fresh)
	wantKind(t, err, KindStoreDamaged)
	if actionOf(t, gateway, "bücher.example") != Block {
		t.Error("a reload that failed took the lists away")
	}
}

func TestSecretsAreInNoTextOfAGateway(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state")
	must(t, Enrol(state, enrolmentOf(t, "http://bank:pass-word@127.0.0.1:9/se"), nil, fresh))
	gateway := opened(t, state, Options{AllowPrivate: []string{"se"}})
	result := refreshed(t, gateway, Failed, fresh)
	key := readState(t, state, receiptKeyFile)
	told := gateway.String() + strings.Join(warningsOf(t, gateway), " ") + result.Why
	for _, secret := range []string{"pass-word", strings.TrimSpace(key)} {
		if strings.Contains(told, secret) {
			t.Errorf("%s tells a secret", told)
		}
	}
}

func readState(t testing.TB, state string, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(append([]string{state}, path...)...))
	must(t, err)
	return string(text)
}

func warningsOf(t testing.TB, gateway *Gateway) []string {
	t.Helper()
	status, err := gateway.Status(fresh)
	must(t, err)
	return status.Warnings
}

func TestOptionsThatMakeNoSenseAreRefused(t *testing.T) {
	state := sampleState(t)
	for _, options := range []Options{
		{Workers: -1}, {Receipts: "some"}, {Policy: json.RawMessage("{")}, {Patience: Patience{File: -1}},
	} {
		_, err := Open(context.Background(), state, options, fresh)
		wantKind(t, err, KindInvalid)
	}
	_, err := Open(context.Background(), state, Options{Policy: json.RawMessage(`{"required":7}`)}, fresh)
	wantKind(t, err, KindRefused)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Open(ended, state, Options{}, fresh); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
