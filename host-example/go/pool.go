package interdict

import (
	"context"
	"sync/atomic"
	"time"
)

// sourcePatience is how long a trapped instance's successor waits for another instance to copy; a screening
// takes microseconds, so that one is free by then unless all are in long batches.
const sourcePatience = 100 * time.Millisecond

// pool is the instances that are live together, all with the same lists. A swap retires it: calls in flight
// finish in it, and the last one to leave closes its instances.
type pool struct {
	loaded *loaded
	// idle has a place for each instance; nil stands for one that must be made again.
	idle chan *Instance
	// alive counts the instances that are not nil.
	alive atomic.Int32
	// Guarded by the gateway's mutex.
	users   int
	retired bool
}

// newPool makes a pool of an instance and copies of it. It closes the instance if it cannot.
func newPool(first *Instance, loaded *loaded, size int) (*pool, error) {
	made := &pool{loaded: loaded, idle: make(chan *Instance, size)}
	made.add(first)
	for len(made.idle) < size {
		clone, err := first.Clone()
		if err != nil {
			made.close()
			return nil, err
		}
		made.add(clone)
	}
	return made, nil
}

func (p *pool) add(instance *Instance) {
	p.alive.Add(1)
	p.idle <- instance
}

// close closes all instances. Nobody uses the pool any more.
func (p *pool) close() {
	for len(p.idle) > 0 {
		if instance := <-p.idle; instance != nil {
			instance.Close()
		}
	}
}

// begin counts a call that Close waits for.
func (g *Gateway) begin() error {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if g.closed {
		return failure(KindClosed, "the gateway is closed")
	}
	g.calls.Add(1)
	return nil
}

// enter takes the live pool, which stays whole until the call leaves it.
func (g *Gateway) enter() (*pool, error) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if g.closed {
		return nil, failure(KindClosed, "the gateway is closed")
	}
	g.calls.Add(1)
	g.live.users++
	return g.live, nil
}

func (g *Gateway) leave(pool *pool) {
	g.mutex.Lock()
	pool.users--
	isLast := pool.retired && pool.users == 0
	g.mutex.Unlock()
	if isLast {
		pool.close()
	}
	g.calls.Done()
}

// swap makes a pool live: calls in flight finish on the old instances, and new calls get the new ones.
func (g *Gateway) swap(next *pool) {
	g.mutex.Lock()
	old := g.live
	g.live = next
	isUnused := false
	if old != nil {
		old.retired = true
		isUnused = old.users == 0
	}
	g.mutex.Unlock()
	if isUnused {
		old.close()
	}
}

// use runs a call on an idle instance, and waits for one if all are in use. An instance that trapped is
// discarded and replaced before the call returns.
func (g *Gateway) use(now uint32, ask func(*Instance) error) error {
	pool, err := g.enter()
	if err != nil {
		return err
	}
	defer g.leave(pool)
	instance := <-pool.idle
	defer func() { pool.idle <- instance }()
	if instance == nil {
		if instance, err = g.replacement(pool, now); err != nil {
			return err
		}
	}
	err = ask(instance)
	if instance.IsTrapped() {
		g.traps.Add(1)
		pool.alive.Add(-1)
		instance.Close()
		// If none can be made now, the next call tries again.
		instance, _ = g.replacement(pool, now)
	}
	return err
}

// replacement is a copy of another instance of the pool, or else loaded from the store again.
func (g *Gateway) replacement(pool *pool, now uint32) (*Instance, error) {
	if pool.alive.Load() > 0 {
		select {
		case source := <-pool.idle:
			var clone *Instance
			var err error
			if source != nil {
				clone, err = source.Clone()
			}
			pool.idle <- source
			if clone != nil && err == nil {
				pool.alive.Add(1)
				return clone, nil
			}
		case <-time.After(sourcePatience):
		}
	}
	instance, _, err := g.loader.load(context.Background(), now)
	if err != nil {
		return nil, err
	}
	pool.alive.Add(1)
	return instance, nil
}
