package interdict

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Receipts says which answers have a receipt.
type Receipts string

// Which answers have a receipt; refusals count as findings.
const (
	ReceiptsAlways   Receipts = "always"
	ReceiptsFindings Receipts = "findings"
	ReceiptsNever    Receipts = "never"
)

// Patience is how long to wait for a repository. A zero is the default.
type Patience struct {
	// Connect is for resolving a name and connecting; 10 seconds.
	Connect time.Duration
	// Response is until the answer begins; 10 seconds.
	Response time.Duration
	// File is from the request to the last byte of a file; 60 seconds.
	File time.Duration
	// Refresh is for all files of one coalition; 600 seconds.
	Refresh time.Duration
}

// Options says how a gateway screens. The zero value screens with the built-in module and without a policy, so
// that no verdict is clean.
type Options struct {
	// Policy is the JSON object of docs/scoring.md; `interdict policy json` prints one. It must name the lists
	// that must answer, such as {"required":{"se":["se/merchants"]}}. Without one no verdict is clean.
	Policy json.RawMessage
	// Enrolments are enrolment files; each is enrolled first if the state directory lacks its coalition.
	Enrolments [][]byte
	// Workers is how many instances the pool has; 0 is one for each processor, at most 4. Each holds its own
	// copy of the lists. A screening takes microseconds (README.md has measurements), so that a small pool serves a
	// whole machine.
	Workers int
	// Module is what answers; nil is the built-in one. The gateway does not close it.
	Module *Module
	// Clock gives the time of every call that is given none; nil is [time.Now]. A clock that stands still
	// becomes a doubt of every verdict (clock_stopped).
	Clock func() time.Time
	// Receipts is which answers have a receipt; empty is [ReceiptsAlways].
	Receipts Receipts
	// OnReceipt gets each receipt, to be kept, with the verdict that it proves; the verdict is nil if the
	// request was refused. It is called before the answer is returned, by the goroutine that screens.
	OnReceipt func(receipt json.RawMessage, verdict *Verdict)
	// AllowPrivate names the coalitions whose repository may be on this machine or in a private network; "*"
	// stands for all.
	AllowPrivate []string
	// Patience is how long to wait for a repository.
	Patience Patience
}

// String leaves out the enrolments, which hold keys.
func (o Options) String() string {
	return fmt.Sprintf("options with %d enrolments, %d workers", len(o.Enrolments), o.Workers)
}

// GoString is [Options.String].
func (o Options) GoString() string { return o.String() }

// Gateway is a pool of instances that are loaded from a state directory. Its methods may be called from any
// number of goroutines. Methods that take a time at the end use the clock unless one is given.
type Gateway struct {
	loader  *loader
	options Options
	clock   func() time.Time

	mutex  sync.Mutex
	live   *pool
	closed bool
	calls  sync.WaitGroup
	traps  atomic.Uint64

	// changing has room for one: whoever swaps the pool.
	changing  chan struct{}
	closing   context.Context
	close     context.CancelFunc
	reports   map[string]RefreshStatus
	reporting sync.Mutex
	refresher *refresher
}

// Open loads a state directory, at the clock's time unless one is given. Close the gateway.
//
// It returns [ErrStoreMissing] if there is no directory and no enrolment is given, [ErrStoreDamaged] if it
// holds something without which a gateway must not start, a [*RefusedError] for the policy, or what
// [NewModule] and [Enrol] return.
func Open(ctx context.Context, path string, options Options, at ...time.Time) (*Gateway, error) {
	g := &Gateway{
		options: options, clock: options.Clock, changing: make(chan struct{}, 1), reports: map[string]RefreshStatus{},
	}
	if g.clock == nil {
		g.clock = time.Now
	}
	now, err := seconds(g.clock, at)
	if err != nil {
		return nil, err
	}
	if err := g.options.complete(); err != nil {
		return nil, err
	}
	if err := enrolMissing(path, g.options, now); err != nil {
		return nil, err
	}
	store, err := OpenStore(path)
	if err != nil {
		return nil, err
	}
	g.loader = &loader{g.options.Module, store, options.Policy, g.options.Receipts}
	g.closing, g.close = context.WithCancel(context.Background())
	if err := g.reload(ctx, now); err != nil {
		g.close()
		return nil, err
	}
	return g, nil
}

// complete checks the options and sets the defaults.
func (o *Options) complete() error {
	var err error
	if o.Module == nil {
		if o.Module, err = BuiltInModule(); err != nil {
			return err
		}
	}
	if o.Workers == 0 {
		o.Workers = min(4, runtime.NumCPU())
	}
	if o.Receipts == "" {
		o.Receipts = ReceiptsAlways
	}
	switch {
	case o.Workers < 0 || o.Workers > 1024:
		return failure(KindInvalid, "a pool has 1 to 1,024 workers")
	case !slices.Contains([]Receipts{ReceiptsAlways, ReceiptsFindings, ReceiptsNever}, o.Receipts):
		return failure(KindInvalid, "receipts are always, findings or never")
	case o.Policy != nil && !json.Valid(o.Policy):
		return failure(KindInvalid, "the policy is not JSON")
	}
	waits := []*time.Duration{&o.Patience.Connect, &o.Patience.Response, &o.Patience.File, &o.Patience.Refresh}
	for number, seconds := range []time.Duration{10, 10, 60, 600} {
		if *waits[number] < 0 {
			return failure(KindInvalid, "patience is not negative")
		}
		if *waits[number] == 0 {
			*waits[number] = seconds * time.Second
		}
	}
	return nil
}

// enrolMissing enrols the coalitions that the directory lacks. Those that it has must be the same.
func enrolMissing(path string, options Options, now uint32) error {
	for _, text := range options.Enrolments {
		if err := Enrol(path, text, options.Module, time.Unix(int64(now), 0)); err != nil {
			return err
		}
	}
	return nil
}

// reload loads what is on the disk and makes it live.
func (g *Gateway) reload(ctx context.Context, now uint32) error {
	instance, loaded, err := g.loader.load(ctx, now)
	if err != nil {
		return err
	}
	next, err := newPool(instance, loaded, g.options.Workers)
	if err != nil {
		return err
	}
	g.swap(next)
	return nil
}

// Screen returns the verdict on one request: JSON of docs/abi.md, screen, such as [Request.JSON] writes it.
// It waits for nothing but an idle instance. An error is never a pass: nobody was screened.
//
// It returns a [*RefusedError] for the request, [ErrTrapped], [ErrAnswer] or [ErrClosed].
func (g *Gateway) Screen(request []byte, at ...time.Time) (*Verdict, error) {
	now, err := seconds(g.clock, at)
	if err != nil {
		return nil, err
	}
	verdict, err := g.screen(request, now)
	if err != nil {
		g.giveRefusalReceipt(err)
		return nil, err
	}
	g.giveReceipt(verdict.Receipt, verdict)
	return verdict, nil
}

// screen gives the receipt to nobody but the caller.
func (g *Gateway) screen(request []byte, now uint32) (*Verdict, error) {
	var answer []byte
	err := g.use(now, func(instance *Instance) error {
		lent, err := instance.Call(OperationScreen, request, now)
		answer = append([]byte(nil), lent...)
		return err
	})
	if err != nil {
		return nil, err
	}
	return readVerdict(answer)
}

func (g *Gateway) giveReceipt(receipt json.RawMessage, verdict *Verdict) {
	if receipt != nil && g.options.OnReceipt != nil {
		g.options.OnReceipt(receipt, verdict)
	}
}

func (g *Gateway) giveRefusalReceipt(err error) {
	if refused, isRefused := err.(*RefusedError); isRefused {
		g.giveReceipt(refused.Receipt, nil)
	}
}

// ReloadIfChanged loads the state directory again if another process changed it, and reports whether it did.
// It costs microseconds if nothing changed, and waits for a refresh of this gateway that is under way. If what
// is there does not load, the old lists go on answering.
func (g *Gateway) ReloadIfChanged(ctx context.Context, at ...time.Time) (bool, error) {
	now, err := seconds(g.clock, at)
	if err != nil {
		return false, err
	}
	if err := g.begin(); err != nil {
		return false, err
	}
	defer g.calls.Done()
	ctx, done := g.untilClosed(ctx)
	defer done()
	if err := g.beginChange(ctx); err != nil {
		return false, err
	}
	defer g.endChange()
	if g.current().stamp == g.loader.store.stamp() {
		return false, nil
	}
	if err := g.reload(ctx, now); err != nil {
		return false, g.closedOr(err)
	}
	return true, nil
}

// beginChange waits until nobody else swaps the pool.
func (g *Gateway) beginChange(ctx context.Context) error {
	select {
	case g.changing <- struct{}{}:
		return nil
	case <-ctx.Done():
		return g.closedOr(wait(ctx))
	}
}

func (g *Gateway) endChange() { <-g.changing }

// current is what the live instances were built from. The caller is the one that changes it.
func (g *Gateway) current() *loaded {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	return g.live.loaded
}

// untilClosed ends a context when the gateway is closed.
func (g *Gateway) untilClosed(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(g.closing, cancel)
	return ctx, func() { stop(); cancel() }
}

func (g *Gateway) closedOr(err error) error {
	if g.closing.Err() != nil {
		return failure(KindClosed, "the gateway is closed")
	}
	return err
}

// monitored is the reserved name that a list without records lacks.
const monitored = "monitor.listed.test"

// selfTests are the reserved names of docs/identifiers.md, and whether every member list has them.
var selfTests = []struct {
	domain   string
	isListed bool
}{
	{monitored, true}, {"review.listed.test", true}, {"hold-payout.listed.test", true},
	{"block.listed.test", true}, {"clean.test", false},
}

// SelfTest screens the reserved names that are on every list, and one that is on none. A list without records has
// none that asks to monitor. It returns
// [ErrSelfTest] unless exactly those are found that must be: then lists are loaded and can be read. Options.OnReceipt
// gets none of their receipts.
func (g *Gateway) SelfTest(at ...time.Time) error {
	now, err := seconds(g.clock, at)
	if err != nil {
		return err
	}
	for _, test := range selfTests {
		request := Request{Flow: Onboarding, Identifiers: []Identifier{{"domain", test.domain}}}
		verdict, err := g.screen(request.JSON(), now)
		if err != nil {
			return err
		}
		isExcused := test.domain == monitored && verdict.isWithoutRecords()
		if verdict.isListed() != test.isListed && !isExcused {
			return failure(KindSelfTest, "%s: listed is %v, and should be %v", test.domain, !test.isListed, test.isListed)
		}
	}
	return nil
}

// Close ends the background refresh, waits for the calls in flight, and frees the instances. Every later call
// returns [ErrClosed].
func (g *Gateway) Close() error {
	g.mutex.Lock()
	isFirst := !g.closed
	g.closed = true
	g.mutex.Unlock()
	g.close()
	g.StopRefreshing()
	g.calls.Wait()
	if isFirst {
		g.live.close()
	}
	return nil
}

// String names the state directory, and no secret.
func (g *Gateway) String() string { return fmt.Sprintf("gateway of %s", g.loader.store.path) }

// GoString is [Gateway.String]: a dump must not show keys.
func (g *Gateway) GoString() string { return g.String() }

// LoadInstance loads a state directory into one bare instance, for a program that brings its own threads and
// locks. Of the options it takes policy, enrolments, module, clock and receipts. Close the instance.
//
// It returns what [Open] returns.
func LoadInstance(ctx context.Context, path string, options Options, at ...time.Time) (*Instance, error) {
	options.Workers = 1
	g, err := Open(ctx, path, options, at...)
	if err != nil {
		return nil, err
	}
	instance := <-g.live.idle
	return instance, g.Close()
}
