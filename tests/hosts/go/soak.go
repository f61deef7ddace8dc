package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	interdict "interdict.example/interdict-host"
)

type soakRequest struct {
	Message string   `json:"message"`
	Answers []string `json:"answers"`
}

// soaking screens in many goroutines while everything around them changes.
type soaking struct {
	task     task
	requests []soakRequest
	options  interdict.Options
	gateway  atomic.Pointer[interdict.Gateway]
	over     atomic.Bool

	screened, wrong, trapped, swapped, closed atomic.Int64

	mutex  sync.Mutex
	errors map[string]int
}

func soak(asked task) (any, error) {
	s := &soaking{task: asked, errors: map[string]int{}}
	if err := json.Unmarshal(asked.Requests, &s.requests); err != nil {
		return nil, err
	}
	module, err := soakModule()
	if err != nil {
		return nil, err
	}
	s.options = interdict.Options{
		Module: module, Policy: asked.Policy, Workers: asked.Workers, Receipts: interdict.Receipts(asked.Receipts),
	}
	first, err := s.open()
	if err != nil {
		return nil, err
	}
	s.gateway.Store(first)
	var all sync.WaitGroup
	for range asked.Threads {
		all.Go(s.screen)
	}
	all.Go(func() { s.every(50*time.Millisecond, s.swap) })
	all.Go(func() { s.every(20*time.Millisecond, s.trap) })
	all.Go(func() { s.every(200*time.Millisecond, s.reopen) })
	long := time.Duration(asked.Seconds * float64(time.Second))
	time.Sleep(long / 3)
	third := resident()
	time.Sleep(long - long/3)
	s.over.Store(true)
	all.Wait()
	end := resident()
	_ = s.gateway.Load().Close()
	return map[string]any{
		"screened": s.screened.Load(), "wrong": s.wrong.Load(), "trapped": s.trapped.Load(),
		"swapped": s.swapped.Load(), "closed": s.closed.Load(), "errors": s.errors, "third": third, "end": end,
	}, nil
}

func soakModule() (*interdict.Module, error) {
	path := os.Getenv("INTERDICT_TEST_MODULE")
	if path == "" {
		return interdict.BuiltInModule()
	}
	code, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return interdict.NewModule(context.Background(), code, interdict.ModuleOptions{})
}

func (s *soaking) open() (*interdict.Gateway, error) {
	return interdict.Open(context.Background(), s.task.State, s.options, s.task.at())
}

// every repeats something until the soak is over.
func (s *soaking) every(pause time.Duration, run func()) {
	for !s.over.Load() {
		time.Sleep(pause)
		run()
	}
}

func (s *soaking) screen() {
	for !s.over.Load() {
		request := s.requests[rand.IntN(len(s.requests))]
		verdict, err := s.gateway.Load().Screen([]byte(request.Message), s.task.at())
		switch {
		case err == nil:
			s.screened.Add(1)
			if !slices.Contains(request.Answers, string(verdict.Raw)) {
				s.wrong.Add(1)
			}
		case errors.Is(err, interdict.ErrClosed):
			s.closed.Add(1)
			time.Sleep(time.Millisecond)
		default:
			s.count(err)
		}
	}
}

func (s *soaking) swap() {
	path := filepath.Join(s.task.State, "se", "current")
	now, err := os.ReadFile(path)
	number, _ := strconv.Atoi(string(bytes.TrimSpace(now)))
	if err == nil {
		err = os.WriteFile(path+".next", []byte(strconv.Itoa(3-number)+"\n"), 0o600)
	}
	if err == nil {
		err = os.Rename(path+".next", path)
	}
	changed := false
	if err == nil {
		changed, err = s.gateway.Load().ReloadIfChanged(context.Background(), s.task.at())
	}
	switch {
	case err == nil && changed:
		s.swapped.Add(1)
	case err != nil && !errors.Is(err, interdict.ErrClosed):
		s.count(err)
	}
}

func (s *soaking) trap() {
	if os.Getenv("INTERDICT_TEST_MODULE") == "" {
		return
	}
	_, err := s.gateway.Load().Screen([]byte("!"), s.task.at())
	switch {
	case errors.Is(err, interdict.ErrTrapped):
		s.trapped.Add(1)
	case err == nil:
		s.wrong.Add(1)
	case !errors.Is(err, interdict.ErrClosed):
		s.count(err)
	}
}

// reopen closes the gateway while calls are in flight; those that come after that fail, until the next is known.
func (s *soaking) reopen() {
	next, err := s.open()
	if err != nil {
		s.count(err)
		return
	}
	old := s.gateway.Load()
	_ = old.Close()
	s.gateway.Store(next)
}

func (s *soaking) count(err error) {
	kind := string(interdict.KindOf(err))
	if kind == "" {
		kind = "other"
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.errors[kind]++
}

// resident is the process's memory in bytes, without what the collector can give back.
func resident() int64 {
	runtime.GC()
	debug.FreeOSMemory()
	text, err := os.ReadFile("/proc/self/statm")
	fields := bytes.Fields(text)
	if err != nil || len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(string(fields[1]), 10, 64)
	return pages * int64(os.Getpagesize())
}
