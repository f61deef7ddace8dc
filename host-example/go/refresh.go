package interdict

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Refresh brings the newest lists of each coalition from its repository, saves them, and makes them live. One
// coalition that fails or is slow stops no other: why is in its result. Screening goes on meanwhile.
//
// An error means that the refresh did not run: the gateway is closed, the context is done, or the directory holds
// something without which a gateway must not start ([ErrStoreDamaged]).
func (g *Gateway) Refresh(ctx context.Context, at ...time.Time) ([]RefreshStatus, error) {
	now, err := seconds(g.clock, at)
	if err != nil {
		return nil, err
	}
	if err := g.begin(); err != nil {
		return nil, err
	}
	defer g.calls.Done()
	ctx, done := g.untilClosed(ctx)
	defer done()
	if err := g.beginChange(ctx); err != nil {
		return nil, err
	}
	defer g.endChange()
	shelves, err := g.loader.store.shelves()
	if err != nil {
		return nil, err
	}
	var results []RefreshStatus
	for _, shelf := range shelves {
		if err := ctx.Err(); err != nil {
			return results, g.closedOr(wait(ctx))
		}
		result := RefreshStatus{Coalition: shelf.name, Time: time.Unix(int64(now), 0)}
		result.Outcome, err = g.refreshOne(ctx, shelf, now)
		if err != nil {
			result.Outcome, result.Why = Failed, err.Error()
		}
		g.reporting.Lock()
		g.reports[shelf.name] = result
		g.reporting.Unlock()
		results = append(results, result)
	}
	g.takeStock()
	return results, nil
}

// takeStock adds to the inventory what is new, unless another process has the lock: then the next refresh does.
func (g *Gateway) takeStock() {
	store := g.loader.store
	if lock, err := takeLock(filepath.Join(store.path, "lock"), false, 0); err == nil {
		_ = store.takeStock()
		_ = lock.Close()
	}
}

// refreshOne updates one coalition under its lock, in a copy of a live instance. If it completes, the copy is
// the new state.
func (g *Gateway) refreshOne(ctx context.Context, shelf *shelf, now uint32) (Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, g.options.Patience.Refresh)
	defer cancel()
	unlock, err := g.loader.store.lockCoalition(shelf)
	if err != nil {
		return Failed, err
	}
	defer unlock()
	if err := g.catchUp(ctx, shelf.name, now); err != nil {
		return Failed, err
	}
	live := g.current()
	one := live.coalition(shelf.name)
	if one == nil {
		return Failed, failure(KindStoreDamaged, "%s: the enrolment is gone; enrol again", shelf.path)
	}
	source, err := g.openRepository(one)
	if err != nil {
		return Failed, err
	}
	defer source.close()
	var instance *Instance
	if err := g.use(now, func(live *Instance) (err error) {
		instance, err = live.Clone()
		return err
	}); err != nil {
		return Failed, err
	}
	outcome, next, err := update(ctx, instance, one, source, now)
	if instance.IsTrapped() {
		g.traps.Add(1)
	}
	if next == nil {
		instance.Close()
		return Failed, err
	}
	if more := g.adopt(ctx, instance, live, one, next, now); err == nil {
		err = more
	} else if more != nil {
		err = fmt.Errorf("%w; %w", err, more)
	}
	return outcome, err
}

// adopt makes the walked copy live, also one whose walk failed after it had verified something: then it knows,
// as it would after a restart, that its lists are late.
func (g *Gateway) adopt(ctx context.Context, instance *Instance, live *loaded, one, next *coalition, now uint32) error {
	if !one.hadHistory && next.pending == "" {
		// The module says in each verdict that it was given no history, until it is given this one.
		instance.Close()
		return g.reload(ctx, now)
	}
	made := live.with(next)
	made.stamp = g.loader.store.stamp()
	pool, err := newPool(instance, made, g.options.Workers)
	if err != nil {
		return err
	}
	g.swap(pool)
	return nil
}

// lockCoalition keeps others from changing a coalition's files, and the directory as a whole.
func (s *Store) lockCoalition(shelf *shelf) (unlock func(), err error) {
	whole, err := takeLock(filepath.Join(s.path, "lock"), true, lockPatience)
	if err != nil {
		return nil, err
	}
	own, err := takeLock(filepath.Join(shelf.path, "lock"), false, lockPatience)
	if err != nil {
		_ = whole.Close()
		return nil, err
	}
	return func() { _, _ = own.Close(), whole.Close() }, nil
}

// catchUp loads the directory again if another process changed it: a walk continues what is on the disk.
func (g *Gateway) catchUp(ctx context.Context, name string, now uint32) error {
	live := g.current()
	one := live.coalition(name)
	if one != nil && live.stamp == g.loader.store.stamp() && one.pending == folderStamp(one.shelf.pending()) {
		return nil
	}
	return g.reload(ctx, now)
}

func (l *loaded) coalition(name string) *coalition {
	for _, one := range l.coalitions {
		if one.shelf.name == name {
			return one
		}
	}
	return nil
}

// update walks through the repository and saves what it brought. It returns what the instance was built from
// then, or nil if the instance is of no use.
func update(ctx context.Context, instance *Instance, one *coalition, source *repository, now uint32) (Outcome, *coalition, error) {
	courier := &fetching{source: source, shelf: one.shelf, saved: map[string]string{}, metadata: map[string]string{}}
	walked, err := walk(ctx, instance, one.shelf.name, "repository", now, courier)
	if err != nil {
		next, err := unfinished(instance, one, courier, err, now)
		return Failed, next, err
	}
	if !walked.Completed {
		return Failed, nil, errors.New("the repository's files do not make up a release")
	}
	next := *one
	if next.history, err = historyOf(instance, one.shelf.name, now); err != nil {
		return Failed, nil, err
	}
	if next.sources, err = contents(walked.Files, one.sources, courier.saved); err != nil {
		return Failed, nil, err
	}
	outcome, err := next.save()
	if err != nil {
		return Failed, nil, err
	}
	return outcome, &next, nil
}

// unfinished is what is known after a walk that failed for this reason. If the module refused a file, what was
// verified before stays so, and the history is saved: should pending be lost, it is known that what is loaded is
// older.
func unfinished(instance *Instance, one *coalition, courier *fetching, why error, now uint32) (*coalition, error) {
	var refused *walkError
	if !errors.As(why, &refused) || len(courier.saved) == 0 {
		return nil, why
	}
	next := *one
	next.sources = maps.Clone(one.sources)
	maps.Copy(next.sources, courier.metadata)
	next.pending = folderStamp(one.shelf.pending())
	history, err := historyOf(instance, one.shelf.name, now)
	if err == nil && history != one.history {
		next.history, err = history, one.shelf.saveHistory(history)
	}
	if err != nil {
		return nil, fmt.Errorf("%w; %w", why, err)
	}
	return &next, why
}

// contents finds each file of the new state: what was saved since, or else what was loaded.
func contents(names []string, before, saved map[string]string) (map[string]string, error) {
	files := map[string]string{}
	for _, name := range names {
		path := saved[name]
		if path == "" {
			path = before[name]
		}
		if path == "" || !isSafeName(name) {
			return nil, failure(KindAnswer, "the module names a file that it never asked for")
		}
		files[name] = path
	}
	return files, nil
}

// save makes the files the current generation, unless they are already, and then replaces the history.
func (c *coalition) save() (Outcome, error) {
	outcome := Unchanged
	if c.isCurrent() {
		if err := c.shelf.clearPending(); err != nil {
			return Failed, err
		}
	} else {
		var base uint64
		if len(c.generations) > 0 {
			base = c.generations[0]
		}
		number, err := c.shelf.commit(c.sources, base)
		if err != nil {
			return Failed, err
		}
		outcome, c.current, c.generations = Updated, number, []uint64{number}
		if base != 0 {
			c.generations = append(c.generations, base)
		}
		for name := range c.sources {
			c.sources[name] = filepath.Join(c.shelf.generation(number), name)
		}
	}
	c.unfinished, c.pending = []string{c.shelf.pending()}, ""
	return outcome, c.shelf.saveHistory(c.history)
}

// isCurrent reports whether the files are exactly those of the current generation.
func (c *coalition) isCurrent() bool {
	if c.current == 0 || c.generations[0] != c.current {
		return false
	}
	directory := c.shelf.generation(c.current)
	for _, path := range c.sources {
		if filepath.Dir(path) != directory {
			return false
		}
	}
	entries, err := os.ReadDir(directory)
	entries = slices.DeleteFunc(entries, func(entry os.DirEntry) bool { return strings.HasPrefix(entry.Name(), ".") })
	return err == nil && len(entries) == len(c.sources)
}

// with is the same with one coalition replaced. The warnings about its files go if they were replaced.
func (l *loaded) with(next *coalition) *loaded {
	made := &loaded{coalitions: slices.Clone(l.coalitions), warnings: slices.Clone(l.warnings)}
	for place, one := range made.coalitions {
		if one.shelf.name == next.shelf.name {
			made.coalitions[place] = next
		}
	}
	if next.pending == "" {
		made.warnings = slices.DeleteFunc(made.warnings, func(one warning) bool { return one.coalition == next.shelf.name })
	}
	return made
}

// fetching brings files from a repository, and saves each before the next.
type fetching struct {
	source *repository
	shelf  *shelf
	// saved are the paths of all files by their names, and metadata of those that stay trusted by themselves.
	saved, metadata map[string]string
}

func (f *fetching) bring(ctx context.Context, file *fetch) brought {
	return f.source.bring(ctx, file)
}

func (f *fetching) keep(file *fetch, bytes []byte) error {
	path, err := f.shelf.keep(file.Name, bytes)
	if err != nil {
		return err
	}
	f.saved[file.Name] = path
	if file.isMetadata() {
		f.metadata[file.Name] = path
	}
	return nil
}
