package interdict

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"testing"
	"time"
)

const fixtures = "../../fixtures"

var (
	fresh  = time.Unix(1_793_599_200, 0) // 2026-11-02T06:00:00Z
	policy = json.RawMessage(`{"required":{"se":["se/merchants"]}}`)
)

// builtInFor is the built-in module, compiled once for all tests.
func builtInFor(t testing.TB) *Module {
	t.Helper()
	module, err := BuiltInModule()
	must(t, err)
	return module
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// moduleOf is a module for few calls: interpreting it is faster than compiling it.
func moduleOf(t testing.TB, code []byte) *Module {
	t.Helper()
	module, err := NewModule(context.Background(), code, ModuleOptions{Interpreter: true})
	must(t, err)
	t.Cleanup(module.Close)
	return module
}

// enrolmentOf is the enrolment of the fixtures with another repository.
func enrolmentOf(t testing.TB, repository string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(fixtures, "generation", "enrolment.json"))
	must(t, err)
	return []byte(strings.Replace(string(text), "https://lists.example/se", repository, 1))
}

// sampleState is a state directory as a refresh from the sample leaves it: a copy of one that is made once.
func sampleState(t testing.TB) string {
	t.Helper()
	sample.Do(func() { makeSample(t, filepath.Join(sampleRoom, "state")) })
	state := filepath.Join(t.TempDir(), "state")
	must(t, exec.Command("cp", "-rp", filepath.Join(sampleRoom, "state"), state).Run())
	return state
}

var (
	sample     sync.Once
	sampleRoom string
)

func TestMain(m *testing.M) {
	room, err := os.MkdirTemp("", "interdict-go-")
	if err != nil {
		panic(err)
	}
	sampleRoom = room
	code := m.Run()
	_ = os.RemoveAll(room)
	os.Exit(code)
}

func makeSample(t testing.TB, state string) {
	must(t, Enrol(state, enrolmentOf(t, absolute(t, fixtures+"/repositories/sample")), builtInFor(t), fresh))
	gateway := opened(t, state, Options{Workers: 1})
	refreshed(t, gateway, Updated, fresh)
	must(t, gateway.Close())
}

func absolute(t testing.TB, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	must(t, err)
	return path
}

func opened(t testing.TB, state string, options Options) *Gateway {
	t.Helper()
	if options.Policy == nil {
		options.Policy = policy
	}
	gateway, err := Open(context.Background(), state, options, fresh)
	must(t, err)
	t.Cleanup(func() { _ = gateway.Close() })
	return gateway
}

func refreshed(t testing.TB, gateway *Gateway, wanted Outcome, at time.Time) RefreshStatus {
	t.Helper()
	results, err := gateway.Refresh(context.Background(), at)
	must(t, err)
	if len(results) != 1 || results[0].Outcome != wanted {
		t.Fatalf("refresh: %+v, wanted %s", results, wanted)
	}
	return results[0]
}

func asking(domain string) []byte {
	return Request{Flow: Payout, Identifiers: []Identifier{{"domain", domain}}}.JSON()
}

func actionOf(t testing.TB, gateway *Gateway, domain string) Action {
	t.Helper()
	verdict, err := gateway.Screen(asking(domain), fresh)
	must(t, err)
	return verdict.Action
}

// wantKind fails unless an error is of this kind.
func wantKind(t testing.TB, err error, kind Kind) {
	t.Helper()
	if err == nil || KindOf(err) != kind {
		t.Fatalf("%v is of kind %q, not %q", err, KindOf(err), kind)
	}
}

func writeTo(t testing.TB, path, text string) {
	t.Helper()
	must(t, os.WriteFile(path, []byte(text), 0o600))
}

// copyDirectory copies a directory of files.
func copyDirectory(t testing.TB, from, to string) {
	t.Helper()
	must(t, os.CopyFS(to, os.DirFS(from)))
}

var trap = sync.OnceValues(func() (*Module, error) {
	return NewModule(context.Background(), trappingCode, ModuleOptions{})
})

var trappingCode []byte

// trappingModule is compiled once for all tests.
func trappingModule(t *testing.T) *Module {
	t.Helper()
	if trappingCode == nil {
		trappingCode = trapping(t)
	}
	module, err := trap()
	must(t, err)
	return module
}
