package interdict

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestAStateDirectoryIsOnlyMadeByEnrolling(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "state")
	_, err := Open(context.Background(), missing, Options{}, fresh)
	wantKind(t, err, KindStoreMissing)
	wantKind(t, Enrol(missing, []byte("{}"), nil, fresh), KindInvalid)
	wantKind(t, Enrol(missing, []byte(`{"coalition":"se","root":"x","repository":"y"}`), nil, fresh), KindRefused)
	if exists(missing) {
		t.Error("an enrolment that was refused made a directory")
	}
}

func TestEnrollingMakesSecretsForTheOwnerAlone(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state")
	enrolment := enrolmentOf(t, "nowhere")
	must(t, Enrol(state, enrolment, nil, fresh))
	for path, mode := range map[string]os.FileMode{
		"": 0o700, "se": 0o700, "receipt.key": 0o600, "se/enrolment.json": 0o600, "inventory.txt": 0o600,
	} {
		found, err := os.Stat(filepath.Join(state, path))
		must(t, err)
		if found.Mode().Perm() != mode {
			t.Errorf("%s: %v", path, found.Mode())
		}
	}
	if readState(t, state, "se", "enrolment.json") != string(enrolment) {
		t.Error("the enrolment is not saved as it is")
	}
	if readState(t, state, "inventory.txt") != "interdict-inventory-1 2\nreceipt.key\nse\n" {
		t.Error(readState(t, state, "inventory.txt"))
	}
	key := readState(t, state, "receipt.key")
	must(t, Enrol(state, enrolment, nil, fresh))
	if key != readState(t, state, "receipt.key") {
		t.Error("the receipt key was replaced")
	}
	other := strings.Replace(string(enrolment), `"keys": [`, `"keys": [{"epoch":9,"key":"`+strings.Repeat("9", 64)+`"},`, 1)
	err := Enrol(state, []byte(other), nil, fresh)
	wantKind(t, err, KindEnrolmentDiffers)
	if !strings.Contains(err.Error(), "interdict enrol FILE") {
		t.Error(err)
	}
}

func TestALockThatAnotherHasIsNotWaitedFor(t *testing.T) {
	state := sampleState(t)
	gateway := opened(t, state, Options{})
	lock, err := takeLock(filepath.Join(state, "se", "lock"), false, 0)
	must(t, err)
	result := refreshed(t, gateway, Failed, fresh)
	if !strings.Contains(result.Why, "another process") {
		t.Error(result.Why)
	}
	must(t, lock.Close())
	refreshed(t, gateway, Unchanged, fresh)
	shared, err := takeLock(filepath.Join(state, "lock"), true, 0)
	must(t, err)
	refreshed(t, gateway, Unchanged, fresh)
	second := strings.NewReplacer(`"coalition": "se"`, `"coalition": "nl"`, `"se/`, `"nl/`).Replace(string(enrolmentOf(t, "nowhere")))
	start := time.Now()
	wantKind(t, Enrol(state, []byte(second), nil, fresh), KindStoreBusy)
	if waited := time.Since(start); waited < lockPatience || waited > 10*lockPatience {
		t.Errorf("waited %v", waited)
	}
	must(t, shared.Close())
}

// damage opens a gateway on a state directory that was changed, and returns its answer and its warnings.
func damage(t *testing.T, change func(state string)) (*Verdict, string, error) {
	t.Helper()
	state := sampleState(t)
	copyDirectory(t, filepath.Join(state, "se", "generation-1"), filepath.Join(state, "se", "generation-2"))
	writeTo(t, filepath.Join(state, "se", "current"), "2\n")
	change(state)
	gateway, err := Open(context.Background(), state, Options{Policy: policy, Workers: 1}, fresh)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = gateway.Close() }()
	verdict, err := gateway.Screen(asking("bücher.example"), fresh)
	must(t, err)
	return verdict, strings.Join(warningsOf(t, gateway), "\n"), nil
}

func TestDamageIsNamedAndNoVerdictSaysMoreThanIsKnown(t *testing.T) {
	const filter = "se/generation-2/se%2fmerchants.member-1.filter"
	remove := func(path string) func(string) {
		return func(state string) { must(t, os.RemoveAll(filepath.Join(state, path))) }
	}
	write := func(path, text string) func(string) {
		return func(state string) { writeTo(t, filepath.Join(state, path), text) }
	}
	both := func(one, other func(string)) func(string) {
		return func(state string) { one(state); other(state) }
	}
	pipe := func(path string) func(string) {
		return both(remove(path), func(state string) { must(t, syscall.Mkfifo(filepath.Join(state, path), 0o600)) })
	}
	for about, one := range map[string]struct {
		change  func(string)
		action  Action
		warning string
		doubt   string
	}{
		"nothing":                {func(string) {}, Block, "", ""},
		"a filter is gone":       {remove(filter), Block, "generation 2 is damaged, generation 1 is used", ""},
		"a filter is cut":        {write(filter, "x"), Block, "generation 2 is damaged, generation 1 is used", ""},
		"a filter is a pipe":     {pipe(filter), Block, "generation 2 is damaged, generation 1 is used", ""},
		"a generation is gone":   {remove("se/generation-2"), Block, "generation 1 is used", ""},
		"no generation is whole": {both(remove("se/generation-2"), write("se/generation-1/timestamp.json", "{")), Review, "generation 1 is damaged", ""},
		"current is no number":   {write("se/current", "two"), Review, "current is damaged", "rolled_back"},
		"current is gone":        {remove("se/current"), Review, "", "rolled_back"},
		"history is gone":        {remove("se/history"), Block, "", "no_history"},
		"history is cut":         {write("se/history", "interdict-history-1 se"), Block, "history is damaged", "no_history"},
		"history is a pipe":      {pipe("se/history"), Block, "regular file", "no_history"},
		"receipt.key is gone":    {remove("receipt.key"), Block, "receipt.key is gone", "state_lost"},
		"inventory.txt is cut":   {write("inventory.txt", "interdict-inventory-1 2\nse\n"), Block, "inventory.txt is damaged", "state_lost"},
		"a coalition is gone":    {write("inventory.txt", "interdict-inventory-1 3\nnl\nreceipt.key\nse\n"), Block, "coalition nl is gone", "state_lost"},
		"no inventory":           {remove("inventory.txt"), Block, "", ""},
		"an override is broken": {func(s string) {
			must(t, os.Mkdir(filepath.Join(s, "overrides"), 0o700))
			write("overrides/a.json", "{}")(s)
		}, Block, "a.json is left out", ""},
		"a clearance is a pipe":      {func(s string) { must(t, os.Mkdir(filepath.Join(s, "clearances"), 0o700)); pipe("clearances/a.json")(s) }, Block, "a.json", ""},
		"a half written file":        {write("se/.staged-current", "9"), Block, "", ""},
		"opened.keys is no key":      {write("se/opened.keys", "key\n"+strings.Repeat("0", 64)+"\n"), Block, "line 1 is no key", ""},
		"a name that nobody knows":   {write("notes.txt", "?"), Block, "", ""},
		"an enrolment others read":   {func(s string) { must(t, os.Chmod(filepath.Join(s, "se", "enrolment.json"), 0o644)) }, Block, "chmod 600", ""},
		"a generation above current": {func(s string) { must(t, os.Mkdir(filepath.Join(s, "se", "generation-3"), 0o700)) }, Block, "", ""},
	} {
		verdict, warnings, err := damage(t, one.change)
		if err != nil {
			t.Errorf("%s: %v", about, err)
			continue
		}
		doubts := strings.Join(verdict.Doubts, " ")
		hasDoubt := one.doubt == "" || strings.Contains(string(verdict.Raw), one.doubt)
		if verdict.Action != one.action || !strings.Contains(warnings, one.warning) || !hasDoubt {
			t.Errorf("%s: %s, doubts %q, warnings %q", about, verdict.Action, doubts, warnings)
		}
		if one.warning == "" && warnings != "" {
			t.Errorf("%s: needless warnings %q", about, warnings)
		}
	}
}

func TestAGatewayThatCannotKnowWhatItWasDoesNotStart(t *testing.T) {
	for about, change := range map[string]func(string){
		"no enrolment":    func(s string) { must(t, os.Remove(filepath.Join(s, "se", "enrolment.json"))) },
		"a cut enrolment": func(s string) { writeTo(t, filepath.Join(s, "se", "enrolment.json"), `{"coalition":"se"`) },
		"another root": func(s string) {
			writeTo(t, filepath.Join(s, "se", "enrolment.json"), `{"format":"interdict-enrolment-1","coalition":"se","root":"e30=","repository":"x"}`)
		},
		"a damaged secret": func(s string) { writeTo(t, filepath.Join(s, "receipt.key"), "07") },
		"pages of records": func(s string) { must(t, os.Mkdir(filepath.Join(s, "se", "pages"), 0o700)) },
		"an enrolment's pipe": func(s string) {
			p := filepath.Join(s, "se", "enrolment.json")
			must(t, os.Remove(p))
			must(t, syscall.Mkfifo(p, 0o600))
		},
	} {
		_, _, err := damage(t, change)
		if KindOf(err) != KindStoreDamaged {
			t.Errorf("%s: %v", about, err)
		}
	}
}

func TestANameFromAModuleStaysInItsFolder(t *testing.T) {
	for _, name := range []string{"timestamp.json", "12.root.json", "se%2fmerchants.member-1.filter", strings.Repeat("a", 200)} {
		if !isSafeName(name) {
			t.Error(name)
		}
	}
	for _, name := range []string{"", ".", "..", ".staged-x", "a/b", "/etc", `a\b`, "a..b", "a\x00", "C:a", "A", "ä", strings.Repeat("a", 201)} {
		if isSafeName(name) {
			t.Error(name)
		}
	}
}

func TestAnInventoryHasOneSpelling(t *testing.T) {
	text := "interdict-inventory-1 4\nmember.key\nnl-2\nreceipt.key\nse\n"
	names, isWhole := readInventory(text)
	if !isWhole || names.text() != text {
		t.Fatal(names)
	}
	for at := range len(text) {
		if _, isWhole := readInventory(text[:at]); isWhole {
			t.Errorf("cut at %d", at)
		}
	}
	for _, other := range []string{
		strings.Replace(text, "nl-2", "NL-2", 1), strings.Replace(text, "nl-2", "../x", 1), text + "\n",
		strings.Replace(text, "1 4", "1 04", 1), strings.ReplaceAll(text, "\n", "\r\n"),
	} {
		if _, isWhole := readInventory(other); isWhole {
			t.Error(other)
		}
	}
}

func TestAnEarlierVersionsDirectoryAndModuleAreRead(t *testing.T) {
	made := filepath.Join(fixtures, "compat", "1", "gateway")
	var expected struct{ Now int64 }
	must(t, json.Unmarshal([]byte(readFixture(t, "compat/1/expected.json")), &expected))
	archived, err := os.ReadFile(filepath.Join(made, "archive", "modules", namesIn(t, filepath.Join(made, "archive", "modules"))[0]))
	must(t, err)
	chosen, err := os.ReadFile(filepath.Join(made, "archive", "policies", namesIn(t, filepath.Join(made, "archive", "policies"))[0]))
	must(t, err)
	old, err := NewModule(context.Background(), archived, ModuleOptions{})
	must(t, err)
	defer old.Close()
	for _, module := range []*Module{builtInFor(t), old} {
		state := filepath.Join(t.TempDir(), "state")
		copyDirectory(t, filepath.Join(made, "state"), state)
		gateway, err := Open(context.Background(), state, Options{Policy: chosen, Module: module}, time.Unix(expected.Now, 0))
		must(t, err)
		for domain, action := range map[string]Action{"block.example": Block, "lowered.example": Review} {
			verdict, err := gateway.Screen(asking(domain), time.Unix(expected.Now, 0))
			must(t, err)
			if verdict.Action != action || verdict.Degraded {
				t.Errorf("%s: %s", domain, verdict.Raw)
			}
		}
		must(t, gateway.Close())
	}
}

func TestASealedKeyIsNamedAndAnOpenedOneIsUsed(t *testing.T) {
	frozen := filepath.Join(fixtures, "compat", "1")
	sealed, err := os.ReadFile(filepath.Join(frozen, "enrolments", "sealed.json"))
	must(t, err)
	var known enrolment
	must(t, json.Unmarshal([]byte(readFixture(t, "compat/1/enrolments/by-hand.json")), &known))
	read, _ := readEnrolment(sealed)
	state := filepath.Join(t.TempDir(), "state")
	must(t, Enrol(state, []byte(strings.Replace(string(sealed), read.Repository, absolute(t, frozen+"/repository"), 1)), nil, time.Unix(1795845600, 0)))
	at := time.Unix(1795845600, 0)
	gateway, err := Open(context.Background(), state, Options{Policy: policy}, at)
	must(t, err)
	defer func() { _ = gateway.Close() }()
	refreshed(t, gateway, Updated, at)
	writeTo(t, filepath.Join(state, "se", "opened.keys"), "\n")
	_, err = gateway.ReloadIfChanged(context.Background(), at)
	must(t, err)
	hint := func(text string) bool {
		return strings.Contains(text, "run interdict refresh, which opens sealed keys")
	}
	if warnings := warningsOf(t, gateway); !slices.ContainsFunc(warnings, hint) {
		t.Errorf("%q", warnings)
	}
	writeTo(t, filepath.Join(state, "se", "opened.keys"), known.Keys[0].Key+"\n")
	_, err = gateway.ReloadIfChanged(context.Background(), at)
	must(t, err)
	verdict, err := gateway.Screen(asking("block.example"), at)
	must(t, err)
	if verdict.Action != Block || slices.ContainsFunc(warningsOf(t, gateway), hint) {
		t.Errorf("%s, %q", verdict.Raw, warningsOf(t, gateway))
	}
}
