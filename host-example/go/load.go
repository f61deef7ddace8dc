package interdict

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// loader builds instances from a state directory: configure, replay what was saved, then hand over the choices.
type loader struct {
	module   *Module
	store    *Store
	policy   json.RawMessage
	receipts Receipts
}

// loaded is what an instance was built from.
type loaded struct {
	coalitions []*coalition
	warnings   []warning
	stamp      string
}

// warning is for a person. It names the coalition that it is about, if it is about one.
type warning struct{ coalition, text string }

// coalition is one coalition, and what was loaded for it.
type coalition struct {
	shelf     *shelf
	enrolment *enrolment
	history   string
	// hadHistory is whether the instances were given a history.
	hadHistory bool
	keys       []string
	// generations are what to try, best first; the first is the one that was loaded.
	generations []uint64
	current     uint64
	// unfinished are directories whose metadata may be newer: generations that did not load, and pending.
	unfinished []string
	// sources are the paths of the files that the module accepted, by their names.
	sources map[string]string
	pending string
}

type configuredCoalition struct {
	Name      string          `json:"name,omitempty"`
	Enrolment json.RawMessage `json:"enrolment"`
	History   string          `json:"history"`
}

// errAgain begins a load from the start: what is on the disk changed meanwhile, or a part of it was left out.
var errAgain = errors.New("load again")

const maxAttempts = 8

// load makes an instance from what is on the disk.
func (l *loader) load(ctx context.Context, now uint32) (*Instance, *loaded, error) {
	for range maxAttempts {
		instance, result, err := l.loadOnce(ctx, now)
		if !errors.Is(err, errAgain) {
			return instance, result, err
		}
	}
	return nil, nil, failure(KindStoreDamaged, "%s changes all the time", l.store.path)
}

func (l *loader) loadOnce(ctx context.Context, now uint32) (*Instance, *loaded, error) {
	result := &loaded{stamp: l.store.stamp()}
	if err := result.read(l.store); err != nil {
		return nil, nil, err
	}
	choices, err := l.choices(result)
	if err != nil {
		return nil, nil, err
	}
	// Each turn leaves out one more directory or document, so that this ends.
	for {
		instance, err := NewInstance(l.module)
		if err != nil {
			return nil, nil, err
		}
		err = result.fill(ctx, instance, choices, now)
		if err == nil {
			return instance, result, nil
		}
		instance.Close()
		if !errors.Is(err, errLeftOut) {
			return nil, nil, err
		}
	}
}

// errLeftOut begins again with another instance, without what was damaged.
var errLeftOut = errors.New("something was left out")

// read reads enrolments and what is on the shelves.
func (r *loaded) read(store *Store) error {
	shelves, err := store.shelves()
	if err != nil {
		return err
	}
	for _, shelf := range shelves {
		one := &coalition{shelf: shelf, unfinished: []string{shelf.pending()}, pending: folderStamp(shelf.pending())}
		if one.enrolment, err = shelf.enrolment(); err != nil {
			return err
		}
		if one.enrolment == nil {
			return errAgain
		}
		// A damaged file of one coalition must not stop the others: its verdicts say what is missing.
		if one.generations, err = shelf.generations(); err != nil {
			r.warnings = append(r.warnings, warningf(shelf.name, "%v; refresh", err))
		}
		if len(one.generations) > 0 {
			one.current = one.generations[0]
		}
		if one.history, err = shelf.history(); err != nil {
			r.warnings = append(r.warnings, warningf(shelf.name, "%v; refresh", err))
		}
		var warnings []string
		one.keys, warnings = shelf.openedKeys()
		for _, text := range warnings {
			r.warnings = append(r.warnings, warning{shelf.name, text})
		}
		r.coalitions = append(r.coalitions, one)
	}
	return nil
}

// fill loads an instance with everything.
func (r *loaded) fill(ctx context.Context, instance *Instance, choices *choices, now uint32) error {
	if err := r.configure(instance, now); err != nil {
		return err
	}
	for _, one := range r.coalitions {
		if err := wait(ctx); err != nil {
			return err
		}
		one.sources = map[string]string{}
		if err := r.replay(ctx, one, instance, now); err != nil {
			return err
		}
	}
	if err := choices.give(r, instance, now); err != nil {
		return err
	}
	return r.warnOfSealedKeys(instance, now)
}

// configure hands over the enrolments as they are. A damaged history is none, and the verdicts show that.
func (r *loaded) configure(instance *Instance, now uint32) error {
	for {
		var coalitions []configuredCoalition
		keys := []map[string]string{}
		for _, one := range r.coalitions {
			configured := configuredCoalition{Enrolment: one.enrolment.text, History: one.history}
			if one.shelf.name != one.enrolment.Coalition {
				configured.Name = one.shelf.name
			}
			one.hadHistory = one.history != noHistory
			coalitions = append(coalitions, configured)
			for _, key := range one.keys {
				keys = append(keys, map[string]string{"coalition": one.shelf.name, "key": key})
			}
		}
		message := map[string]any{"coalitions": coalitions, "keys": keys}
		if coalitions == nil {
			message["coalitions"] = []int{}
		}
		err := configure(instance, message, now)
		var refused *RefusedError
		if !errors.As(err, &refused) {
			return err
		}
		number, isCoalition := placeOf(refused.Error())
		if !isCoalition || number >= len(r.coalitions) {
			return err
		}
		one := r.coalitions[number]
		if refused.Code != codeHistoryDamaged || one.history == noHistory {
			return failure(KindStoreDamaged, "%s: %w", filepath.Join(one.shelf.path, enrolmentFile), err)
		}
		one.history = noHistory
		path := filepath.Join(one.shelf.path, historyFile)
		r.warnings = append(r.warnings, warningf(one.shelf.name, "%s is damaged; refresh", path))
	}
}

// placeOf reads the number in a sentence that begins with "coalitions[NUMBER]".
func placeOf(sentence string) (int, bool) {
	rest, isCoalition := strings.CutPrefix(sentence, "coalitions[")
	digits, _, _ := strings.Cut(rest, "]")
	number, err := strconv.Atoi(digits)
	return number, isCoalition && err == nil
}

// replay loads the best generation that is whole, and then what newer metadata there is. One that does not
// load is left out, with a warning, and so is what traps the module.
func (r *loaded) replay(ctx context.Context, one *coalition, instance *Instance, now uint32) error {
	if len(one.generations) > 0 {
		number := one.generations[0]
		walked, err := one.replay(ctx, instance, one.shelf.generation(number), now)
		if err == nil && !walked.Completed {
			err = errors.New("a file is missing")
		}
		if err != nil {
			if ctx.Err() != nil {
				return wait(ctx)
			}
			return r.leaveOut(one, number, err)
		}
	}
	for place, directory := range one.unfinished {
		if !exists(directory) {
			continue
		}
		_, err := one.replay(ctx, instance, directory, now)
		var walked *walkError
		if errors.As(err, &walked) && walked.why != "" {
			r.warn(one.shelf.name, "an unfinished update: %v; refresh", err)
		}
		if instance.IsTrapped() {
			one.unfinished = slices.Delete(one.unfinished, place, place+1)
			r.warn(one.shelf.name, "%s traps the module and is left out", directory)
			return errLeftOut
		}
	}
	return wait(ctx)
}

// leaveOut takes the generation with the next lower number, unless another process replaced the current one
// while it was read.
func (r *loaded) leaveOut(one *coalition, number uint64, why error) error {
	if current, err := one.shelf.current(); err == nil && current != one.current {
		return errAgain
	}
	one.generations = one.generations[1:]
	if !errors.Is(why, ErrTrapped) {
		one.unfinished = slices.Insert(one.unfinished, 0, one.shelf.generation(number))
	}
	instead := ""
	if len(one.generations) > 0 {
		instead = fmt.Sprintf(", generation %d is used instead", one.generations[0])
	}
	r.warn(one.shelf.name, "generation %d is damaged%s: %v; refresh", number, instead, why)
	return errLeftOut
}

// warn adds a warning once: a load may begin again.
func (r *loaded) warn(coalition, format string, arguments ...any) {
	if added := warningf(coalition, format, arguments...); !slices.Contains(r.warnings, added) {
		r.warnings = append(r.warnings, added)
	}
}

// warnOfSealedKeys says which coalition has lists without a key, although one lies sealed beside them.
func (r *loaded) warnOfSealedKeys(instance *Instance, now uint32) error {
	states, err := statesOf(instance, now)
	if err != nil {
		return err
	}
	for _, state := range states {
		isUnread := len(state.Lists) == 0
		for _, list := range state.Lists {
			isUnread = isUnread || !list.Key || list.NewestEpoch != nil
		}
		if len(state.SealedKeys) > 0 && isUnread {
			r.warn(state.Name, "a list of %s has no key; run interdict refresh, which opens sealed keys", state.Name)
		}
	}
	return nil
}
