package interdict

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
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

// choices are what a person chose: policy, secrets, and the documents in force.
type choices struct {
	first, policy         map[string]any
	overrides, clearances []document
}

func (l *loader) choices(result *loaded) (*choices, error) {
	key, err := l.store.receiptKey()
	if err != nil {
		return nil, err
	}
	lost, err := l.store.lost()
	if err != nil {
		return nil, err
	}
	made := &choices{first: map[string]any{"module": l.module.SHA256()}}
	if key != "" {
		made.first["receipt_key"] = key
	}
	// An older module does not know these two, so they are left out where they say nothing.
	if l.receipts != ReceiptsAlways {
		made.first["receipts"] = string(l.receipts)
	}
	if len(lost) > 0 {
		made.first["state_lost"] = true
	}
	if l.policy != nil {
		made.policy = map[string]any{"policy": l.policy}
	}
	var shelves []*shelf
	for _, one := range result.coalitions {
		shelves = append(shelves, one.shelf)
	}
	warnings := l.store.warnings(lost, shelves)
	for folder, documents := range map[string]*[]document{"overrides": &made.overrides, "clearances": &made.clearances} {
		var more []string
		*documents, more = l.store.documents(folder)
		warnings = append(warnings, more...)
	}
	for _, text := range warnings {
		result.warn("", "%s", text)
	}
	return made, nil
}

// give hands over secrets, policy, overrides and clearances, in this order: a policy drops the documents that
// came before it.
func (c *choices) give(result *loaded, instance *Instance, now uint32) error {
	if err := configure(instance, c.first, now); err != nil {
		return err
	}
	if c.policy != nil {
		if err := configure(instance, c.policy, now); err != nil {
			return err
		}
	}
	if err := giveDocuments("overrides", &c.overrides, result, instance, now); err != nil {
		return err
	}
	return giveDocuments("clearances", &c.clearances, result, instance, now)
}

// giveDocuments hands over each document that the module takes on its own, and then all of them together. No
// document keeps a gateway from opening.
func giveDocuments(kind string, offered *[]document, result *loaded, instance *Instance, now uint32) error {
	if len(*offered) == 0 {
		return nil
	}
	give := func(documents ...document) error {
		texts := []string{}
		for _, one := range documents {
			texts = append(texts, base64.StdEncoding.EncodeToString(one.bytes))
		}
		return configure(instance, map[string]any{kind: texts}, now)
	}
	var taken []document
	for place, one := range *offered {
		switch err := give(one); {
		case err == nil:
			taken = append(taken, one)
		case errors.Is(err, ErrTrapped):
			*offered = slices.Delete(slices.Clone(*offered), place, place+1)
			result.warn("", "%s traps the module and is left out", one.path)
			return errLeftOut
		default:
			result.warn("", "%s is left out: %v", one.path, err)
		}
	}
	for {
		err := give(taken...)
		if err == nil || len(taken) == 0 || errors.Is(err, ErrTrapped) {
			return err
		}
		last := len(taken) - 1
		result.warn("", "%s is left out: %v", taken[last].path, err)
		taken = taken[:last]
	}
}

// stamp changes when anything is replaced that instances are built from. It opens no file.
func (s *Store) stamp() string {
	var stamp strings.Builder
	add := func(path string) {
		if found, err := os.Stat(path); err == nil {
			fmt.Fprintln(&stamp, path, found.ModTime().UnixNano(), found.Size(), inode(found))
		}
	}
	entries, err := os.ReadDir(s.path)
	if err != nil {
		fmt.Fprintln(&stamp, "unreadable")
	}
	for _, entry := range entries {
		path := filepath.Join(s.path, entry.Name())
		switch name := entry.Name(); {
		case name == receiptKeyFile:
			add(path)
		case name == "overrides" || name == "clearances":
			stamp.WriteString(folderStamp(path))
		case isCoalition(name):
			for _, file := range []string{currentFile, historyFile, enrolmentFile, openedKeysFile} {
				add(filepath.Join(path, file))
			}
		}
	}
	return stamp.String()
}

// folderStamp changes with the names and the files of one folder.
func folderStamp(path string) string {
	var stamp strings.Builder
	entries, _ := os.ReadDir(path)
	for _, entry := range entries {
		if found, err := entry.Info(); err == nil && !strings.HasPrefix(entry.Name(), ".") {
			fmt.Fprintln(&stamp, path, entry.Name(), found.ModTime().UnixNano(), found.Size(), inode(found))
		}
	}
	return stamp.String()
}
