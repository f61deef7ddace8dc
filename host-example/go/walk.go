package interdict

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// maxFiles is the most files in one walk: 256 roots, three more of metadata, and the parts of a coalition's
// lists. A module that asks for more would not end.
const maxFiles = 4096

// fetch is a file that the module asks for.
type fetch struct {
	Name    string `json:"name"`
	Path    string `json:"path"`
	MaxSize int64  `json:"max_size"`
}

// isMetadata: metadata stays trusted when a walk ends early; the parts of a release do not.
func (f *fetch) isMetadata() bool { return strings.HasPrefix(f.Path, "metadata/") }

// brought is what a source has of a file. Without bytes it has none, and if there is a reason why not, that is
// not known: the source failed.
type brought struct {
	bytes []byte
	why   string
}

func failed(why string) brought { return brought{why: why} }

func (b brought) outcome() string {
	switch {
	case b.why != "":
		return "failed"
	case b.bytes == nil:
		return "not_found"
	}
	return "bytes"
}

// courier brings the files of a walk, and keeps those that the module verified. The next file is not asked for
// before keep returns.
type courier interface {
	bring(ctx context.Context, file *fetch) brought
	keep(file *fetch, bytes []byte) error
}

// progress is the answer to poll and supply.
type progress struct {
	Fetch     *fetch   `json:"fetch"`
	Completed bool     `json:"completed"`
	Keep      bool     `json:"keep"`
	Files     []string `json:"files"`
}

// walkError is a file that the module refused, or that could not be had.
type walkError struct {
	path, why string
	refusal   error
}

func (e *walkError) Error() string {
	if e.why != "" {
		return e.path + ": " + e.why
	}
	return e.path + ": " + e.refusal.Error()
}

func (e *walkError) Unwrap() error { return e.refusal }

// walk brings the module one file after another until it has what it needs, or refuses one.
func walk(ctx context.Context, instance *Instance, coalition, begin string, now uint32, courier courier) (*progress, error) {
	answer, err := call(instance, OperationPoll, map[string]any{"coalition": coalition, "begin": begin}, now)
	for range maxFiles {
		if err != nil {
			return nil, err
		}
		told := &progress{}
		if json.Unmarshal(answer, told) != nil {
			return nil, failure(KindAnswer, "the module's answer is not one this host understands")
		}
		if told.Fetch == nil {
			return told, nil
		}
		if answer, err = step(ctx, instance, coalition, told.Fetch, now, courier); err != nil {
			return nil, err
		}
	}
	return nil, failure(KindAnswer, "the module asks for more files than a walk has")
}

// step brings one file, supplies it, and keeps it if it was verified.
func step(ctx context.Context, instance *Instance, coalition string, file *fetch, now uint32, courier courier) ([]byte, error) {
	if !isSafeName(file.Name) || file.MaxSize < 0 {
		return nil, failure(KindAnswer, "the module asks for a file outside its folder")
	}
	got := courier.bring(ctx, file)
	if got.bytes != nil {
		switch err := instance.File(got.bytes); {
		case errors.Is(err, ErrInvalid):
			got = failed(err.Error())
		case err != nil:
			return nil, err
		}
	}
	supply := map[string]any{"coalition": coalition, "name": file.Name, "outcome": got.outcome()}
	answer, err := call(instance, OperationSupply, supply, now)
	if errors.Is(err, ErrRefused) {
		return nil, &walkError{file.Path, got.why, err}
	}
	var told progress
	if err != nil || got.bytes == nil || json.Unmarshal(answer, &told) != nil || !told.Keep {
		return answer, err
	}
	return answer, courier.keep(file, got.bytes)
}

// call runs an operation on a value that is written as JSON.
func call(instance *Instance, operation Operation, value any, now uint32) ([]byte, error) {
	message, err := compactJSON(value)
	if err != nil {
		return nil, failure(KindInvalid, "the message cannot be written as JSON")
	}
	return instance.Call(operation, message, now)
}

func configure(instance *Instance, value any, now uint32) error {
	_, err := call(instance, OperationConfigure, value, now)
	return err
}

// replayed brings the files of one directory, and notes which of them the module accepted.
type replayed struct {
	directory       string
	metadata, parts map[string]string
}

func (r *replayed) bring(ctx context.Context, file *fetch) brought {
	if err := ctx.Err(); err != nil {
		return failed("given up")
	}
	bytes, err := readFile(filepath.Join(r.directory, file.Name), min(file.MaxSize, maxFile))
	if err != nil {
		return failed(err.Error())
	}
	return brought{bytes: bytes}
}

func (r *replayed) keep(file *fetch, _ []byte) error {
	accepted := r.parts
	if file.isMetadata() {
		accepted = r.metadata
	}
	accepted[file.Name] = filepath.Join(r.directory, file.Name)
	return nil
}

// replay walks through a directory of the store. Files of updates that are not complete need not fit together:
// then the walk is refused, and the module keeps those that do.
func (c *coalition) replay(ctx context.Context, instance *Instance, directory string, now uint32) (*progress, error) {
	courier := &replayed{directory, map[string]string{}, map[string]string{}}
	walked, err := walk(ctx, instance, c.shelf.name, "store", now, courier)
	for name, path := range courier.metadata {
		c.sources[name] = path
	}
	if err == nil && walked.Completed {
		for name, path := range courier.parts {
			c.sources[name] = path
		}
	}
	if err == nil {
		err = wait(ctx)
	}
	return walked, err
}

// historyOf is what state gives as a coalition's history.
func historyOf(instance *Instance, coalition string, now uint32) (string, error) {
	states, err := statesOf(instance, now)
	if err != nil {
		return "", err
	}
	for _, state := range states {
		if state.Name == coalition {
			return state.History, nil
		}
	}
	return "", failure(KindAnswer, "the module forgot a coalition")
}

// statesOf asks an instance what is live.
func statesOf(instance *Instance, now uint32) ([]CoalitionState, error) {
	answer, err := instance.Call(OperationState, []byte("{}"), now)
	if err != nil {
		return nil, err
	}
	var told struct {
		Coalitions []json.RawMessage `json:"coalitions"`
	}
	if json.Unmarshal(answer, &told) != nil {
		return nil, failure(KindAnswer, "the module's state is not one this host understands")
	}
	states := make([]CoalitionState, len(told.Coalitions))
	for number, raw := range told.Coalitions {
		if json.Unmarshal(raw, &states[number]) != nil {
			return nil, failure(KindAnswer, "the module's state is not one this host understands")
		}
		states[number].Raw = raw
	}
	return states, nil
}

func warningf(coalition, format string, arguments ...any) warning {
	return warning{coalition, fmt.Sprintf(format, arguments...)}
}
