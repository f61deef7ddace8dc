package interdict

import (
	"context"
	"math/rand/v2"
	"time"
)

// refresher is the goroutine of StartRefreshing.
type refresher struct {
	cancel context.CancelFunc
	ended  chan struct{}
}

// StartRefreshing refreshes in the background, for the first time within the jitter, and then each interval
// and up to the jitter later: many gateways must not ask at once. An interval of 0 is an hour. What goes wrong
// is in [Gateway.Status], and in failed if that is not nil. It ends an earlier background refresh.
func (g *Gateway) StartRefreshing(interval, jitter time.Duration, failed func(error)) error {
	if interval == 0 {
		interval = time.Hour
	}
	if interval < 0 || jitter < 0 {
		return failure(KindInvalid, "an interval is not negative")
	}
	g.StopRefreshing()
	ctx, cancel := context.WithCancel(context.Background())
	next := &refresher{cancel, make(chan struct{})}
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if g.closed {
		cancel()
		return failure(KindClosed, "the gateway is closed")
	}
	if g.refresher != nil {
		cancel()
		return failure(KindInvalid, "another call has started refreshing meanwhile")
	}
	g.refresher = next
	go func() {
		defer close(next.ended)
		for pause := time.Duration(0); sleep(ctx, pause+random(jitter)); pause = interval {
			if _, err := g.Refresh(ctx); err != nil && failed != nil && ctx.Err() == nil {
				failed(err)
			}
		}
	}()
	return nil
}

// StopRefreshing ends the background refresh and waits until it has ended.
func (g *Gateway) StopRefreshing() {
	g.mutex.Lock()
	ending := g.refresher
	g.refresher = nil
	g.mutex.Unlock()
	if ending != nil {
		ending.cancel()
		<-ending.ended
	}
}

func random(jitter time.Duration) time.Duration {
	if jitter == 0 {
		return 0
	}
	return rand.N(jitter)
}

// sleep waits; false if the context ended first.
func sleep(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
