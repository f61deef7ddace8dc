package interdict

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// served is a repository of the fixtures behind a web server, and a state directory enrolled with it.
type served struct {
	*httptest.Server
	folder atomic.Value
	change atomic.Value
	asked  atomic.Int64
}

type change func(w http.ResponseWriter, r *http.Request) bool

func serve(t *testing.T, folder string) (*served, string) {
	t.Helper()
	s := &served{}
	s.folder.Store(folder)
	s.change.Store(change(func(http.ResponseWriter, *http.Request) bool { return false }))
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked.Add(1)
		if !s.change.Load().(change)(w, r) {
			http.FileServer(http.Dir(filepath.Join(fixtures, "repositories", s.folder.Load().(string)))).ServeHTTP(w, r)
		}
	}))
	t.Cleanup(s.Close)
	state := filepath.Join(t.TempDir(), "state")
	must(t, Enrol(state, enrolmentOf(t, s.URL), nil, fresh))
	return s, state
}

func private(workers int) Options { return Options{Workers: workers, AllowPrivate: []string{"se"}} }

func TestARefreshBringsSavesAndSwaps(t *testing.T) {
	server, state := serve(t, "sample-1")
	gateway := opened(t, state, private(2))
	refreshed(t, gateway, Updated, fresh)
	refreshed(t, gateway, Unchanged, fresh)
	server.folder.Store("sample")
	refreshed(t, gateway, Updated, fresh.Add(time.Minute))
	if actionOf(t, gateway, "bücher.example") != Block {
		t.Error("what was fetched is not live")
	}
	verdict, err := gateway.Screen(asking("bücher.example"), fresh)
	must(t, err)
	if strings.Contains(string(verdict.Raw), "no_history") {
		t.Error("the instances were not given the history that the first refresh made")
	}
	must(t, gateway.SelfTest(fresh))
	for path, is := range map[string]bool{"generation-1": true, "generation-2": true, "pending": false, "history": true} {
		if exists(filepath.Join(state, "se", path)) != is {
			t.Errorf("%s: %v", path, !is)
		}
	}
	if readState(t, state, "se", "current") != "2\n" {
		t.Error(readState(t, state, "se", "current"))
	}
	changed, err := gateway.ReloadIfChanged(context.Background(), fresh)
	if err != nil || changed {
		t.Error("what the gateway wrote itself is loaded again")
	}
	status, err := gateway.Status(fresh)
	must(t, err)
	if status.Refreshed["se"].Outcome != Updated || len(status.Coalitions[0].Doubts) != 0 || len(status.Warnings) != 0 {
		t.Errorf("%+v", status)
	}
	again := opened(t, state, Options{})
	status, err = again.Status(fresh)
	must(t, err)
	if status.Coalitions[0].Lists[0].Sequence != 2 || len(status.Coalitions[0].Doubts) != 0 {
		t.Errorf("%s", status.Coalitions[0].Raw)
	}
}

func TestTheHistoryIsSavedAndNoticesAnOlderRepository(t *testing.T) {
	server, state := serve(t, "sample")
	gateway := opened(t, state, private(1))
	refreshed(t, gateway, Updated, fresh)
	must(t, gateway.Close())
	must(t, os.RemoveAll(filepath.Join(state, "se", "generation-1")))
	must(t, os.Remove(filepath.Join(state, "se", "current")))
	server.folder.Store("sample-1")
	gateway = opened(t, state, private(1))
	refreshed(t, gateway, Updated, fresh)
	status, err := gateway.Status(fresh)
	must(t, err)
	if strings.Join(status.Coalitions[0].Doubts, " ") != "rolled_back" {
		t.Errorf("%s", status.Coalitions[0].Raw)
	}
}

func TestARefreshThatFailsKeepsTheListsAndWhatWasVerified(t *testing.T) {
	server, state := serve(t, "sample-1")
	gateway := opened(t, state, private(1))
	refreshed(t, gateway, Updated, fresh)
	server.folder.Store("sample")
	server.change.Store(change(func(w http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "/targets/") {
			w.WriteHeader(500)
		}
		return strings.Contains(r.URL.Path, "/targets/")
	}))
	result := refreshed(t, gateway, Failed, fresh)
	if !strings.Contains(result.Why, "the server answered 500") {
		t.Error(result.Why)
	}
	if !exists(filepath.Join(state, "se", "pending", "targets.json")) || readState(t, state, "se", "current") != "1\n" {
		t.Error("what was verified is not kept")
	}
	if !strings.Contains(readState(t, state, "se", "history"), "targets=2") {
		t.Error("the loss of pending would not be noticed")
	}
	verdict, err := gateway.Screen(asking("bücher.example"), fresh)
	must(t, err)
	if verdict.Action != Block || verdict.Lists[0].Freshness != "late" {
		t.Errorf("the last good list does not answer, or is not late: %s", verdict.Raw)
	}
	server.change.Store(change(func(http.ResponseWriter, *http.Request) bool { return false }))
	refreshed(t, gateway, Updated, fresh)
	if exists(filepath.Join(state, "se", "pending")) || readState(t, state, "se", "current") != "2\n" {
		t.Error("the refresh did not complete")
	}
}

func TestAForeignFileIsRefusedAndASlowServerGivenUp(t *testing.T) {
	server, state := serve(t, "sample")
	options := private(1)
	options.Patience.Refresh = 300 * time.Millisecond
	gateway := opened(t, state, options)
	for about, answer := range map[string]change{
		"trust": func(w http.ResponseWriter, r *http.Request) bool {
			_, err := w.Write([]byte("{}"))
			return err == nil && strings.HasSuffix(r.URL.Path, "timestamp.json")
		},
		"longer than a refresh may": func(_ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true },
	} {
		server.change.Store(answer)
		if result := refreshed(t, gateway, Failed, fresh); result.Why == "" {
			t.Errorf("%s: no reason", about)
		}
	}
}

func TestOneCoalitionThatFailsStopsNoOther(t *testing.T) {
	_, state := serve(t, "sample")
	must(t, Enrol(state, []byte(strings.NewReplacer(`"coalition": "se"`, `"coalition": "nl"`, `"se/`, `"nl/`).Replace(
		string(enrolmentOf(t, "missing")))), nil, fresh))
	gateway := opened(t, state, private(1))
	results, err := gateway.Refresh(context.Background(), fresh)
	must(t, err)
	if len(results) != 2 || results[0].Outcome != Failed || results[1].Outcome != Updated {
		t.Errorf("%+v", results)
	}
}

func TestAnotherProcessesRefreshIsContinuedNotUndone(t *testing.T) {
	server, state := serve(t, "sample-1")
	one, other := opened(t, state, private(1)), opened(t, state, private(1))
	refreshed(t, one, Updated, fresh)
	refreshed(t, other, Unchanged, fresh)
	server.folder.Store("sample")
	refreshed(t, other, Updated, fresh)
	refreshed(t, one, Unchanged, fresh)
	if got := namesIn(t, filepath.Join(state, "se")); strings.Join(got, " ") != "current enrolment.json generation-1 generation-2 history lock" {
		t.Error(got)
	}
}

func TestTheBackgroundRefreshReportsAndEnds(t *testing.T) {
	server, state := serve(t, "sample")
	options := private(1)
	options.Clock = func() time.Time { return fresh }
	gateway := opened(t, state, options)
	must(t, gateway.StartRefreshing(time.Millisecond, time.Millisecond, nil))
	deadline := time.Now().Add(20 * time.Second)
	for time.Now().Before(deadline) {
		status, err := gateway.Status(fresh)
		must(t, err)
		if status.Refreshed["se"].Outcome == Unchanged {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	gateway.StopRefreshing()
	asked := server.asked.Load()
	time.Sleep(20 * time.Millisecond)
	if asked == 0 || server.asked.Load() != asked {
		t.Errorf("%d requests, then %d", asked, server.asked.Load())
	}
	server.change.Store(change(func(_ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true }))
	must(t, gateway.StartRefreshing(time.Hour, 0, nil))
	for server.asked.Load() == asked && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	start := time.Now()
	must(t, gateway.Close())
	if waited := time.Since(start); waited > 5*time.Second {
		t.Errorf("closing waited %v for a server", waited)
	}
	wantKind(t, gateway.StartRefreshing(-1, 0, nil), KindInvalid)
}
