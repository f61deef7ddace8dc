package interdict

import (
	"encoding/json"
	"time"
)

// Outcome is how the refresh of a coalition ended.
type Outcome string

// The outcomes of a refresh.
const (
	Updated   Outcome = "updated"   // newer files are live and saved
	Unchanged Outcome = "unchanged" // the repository has nothing newer
	Failed    Outcome = "failed"    // the last good lists go on answering
)

// RefreshStatus is how the last refresh of a coalition ended.
type RefreshStatus struct {
	Coalition string
	Outcome   Outcome
	// Why says why it failed, for a person; empty otherwise.
	Why  string
	Time time.Time
}

// CoalitionState is what is live of a coalition; docs/abi.md, state, has all members.
type CoalitionState struct {
	Name    string `json:"name"`
	History string `json:"history"`
	// Doubts say why the files may not be the newest that the gateway has had.
	Doubts []string `json:"doubts"`
	// Polled is when the last completed poll of the repository began, in seconds since 1970; nil for never.
	Polled *int64      `json:"polled"`
	Lists  []ListState `json:"lists"`
	// SealedKeys are saved files that hold a list key, sealed to the members.
	SealedKeys []SealedKey `json:"sealed_keys"`
	// Raw is the whole entry as the module gave it.
	Raw json.RawMessage `json:"-"`
}

// ListState is a list that is live.
type ListState struct {
	List      string `json:"list"`
	Edition   string `json:"edition"`
	Epoch     int64  `json:"epoch"`
	Sequence  int64  `json:"sequence"`
	Entries   int64  `json:"entries"`
	Freshness string `json:"freshness"`
	// Age is in seconds.
	Age *int64 `json:"age_s"`
	// Key reports whether the list can be read.
	Key bool `json:"key"`
	// NewestEpoch is there if the list is published for a later epoch, whose key is not known.
	NewestEpoch *int64 `json:"newest_epoch"`
}

// SealedKey names a saved file with a list key.
type SealedKey struct {
	Coalition string `json:"coalition"`
	Epoch     int64  `json:"epoch"`
	Name      string `json:"name"`
}

// Status is what a gateway answers with now.
type Status struct {
	Coalitions []CoalitionState
	// Refreshed is how the last refresh of each coalition ended, by its name.
	Refreshed map[string]RefreshStatus
	// Warnings are for a person, with what to do.
	Warnings []string
	// Traps counts instances that failed and were replaced. No request should do this: report it.
	Traps uint64
}

// Status tells what is live, how the last refresh ended, and what a person should know.
func (g *Gateway) Status(at ...time.Time) (*Status, error) {
	now, err := seconds(g.clock, at)
	if err != nil {
		return nil, err
	}
	status := &Status{Refreshed: map[string]RefreshStatus{}, Traps: g.traps.Load()}
	err = g.use(now, func(instance *Instance) error {
		states, err := statesOf(instance, now)
		status.Coalitions = states
		return err
	})
	if err != nil {
		return nil, err
	}
	g.mutex.Lock()
	for _, one := range g.live.loaded.warnings {
		status.Warnings = append(status.Warnings, one.text)
	}
	g.mutex.Unlock()
	g.reporting.Lock()
	defer g.reporting.Unlock()
	for name, report := range g.reports {
		status.Refreshed[name] = report
	}
	return status, nil
}
