package main

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	interdict "interdict.example/interdict-host"
)

const (
	samples    = 7
	batchLines = 1000
)

// bench measures one gateway with one instance. The time that it tells the module goes on with the clock.
func bench(asked task) (any, error) {
	var requests []string
	if err := json.Unmarshal(asked.Requests, &requests); err != nil {
		return nil, err
	}
	var messages [][]byte
	for _, request := range requests {
		messages = append(messages, []byte(request))
	}
	began := time.Now()
	clock := func() time.Time { return asked.at().Add(time.Since(began)) }
	code := interdict.BuiltInCode()
	start := time.Now()
	module, err := interdict.NewModule(context.Background(), code, interdict.ModuleOptions{})
	if err != nil {
		return nil, err
	}
	empty, err := interdict.NewInstance(module)
	if err != nil {
		return nil, err
	}
	told := map[string]any{"start_ms": milliseconds(start)}
	empty.Close()
	start = time.Now()
	gateway, err := interdict.Open(context.Background(), asked.State, interdict.Options{
		Policy: asked.Policy, Module: module, Workers: 1, Clock: clock, Receipts: interdict.Receipts(asked.Receipts),
	})
	if err != nil {
		return nil, err
	}
	defer func() { _ = gateway.Close() }()
	told["load_ms"] = milliseconds(start)
	long := time.Duration(asked.Millis) * time.Millisecond
	told["single_ns"], err = median(long, func(round int) (int, error) {
		_, err := gateway.Screen(messages[round%len(messages)])
		return 1, err
	})
	if err != nil {
		return nil, err
	}
	lines := batchOf(messages)
	told["batch_ns"], err = median(long, func(int) (int, error) {
		_, err := gateway.ScreenBatch(lines)
		return batchLines, err
	})
	if err != nil {
		return nil, err
	}
	if err := benchInstance(asked, clock, messages, long, told); err != nil {
		return nil, err
	}
	told["memory_bytes"] = resident()
	return told, nil
}

// benchInstance measures a bare instance that is loaded as the gateway's are.
func benchInstance(asked task, clock func() time.Time, messages [][]byte, long time.Duration, told map[string]any) error {
	loaded, err := interdict.LoadInstance(context.Background(), asked.State,
		interdict.Options{Policy: asked.Policy, Clock: clock, Receipts: interdict.Receipts(asked.Receipts)})
	if err != nil {
		return err
	}
	defer loaded.Close()
	start := time.Now()
	clone, err := loaded.Clone()
	if err != nil {
		return err
	}
	told["clone_ms"] = milliseconds(start)
	defer clone.Close()
	told["bare_ns"], err = median(long, func(round int) (int, error) {
		_, err := clone.Call(interdict.OperationScreen, messages[round%len(messages)], uint32(clock().Unix()))
		return 1, err
	})
	return err
}

func batchOf(messages [][]byte) []byte {
	var lines []byte
	for number := range batchLines {
		lines = append(append(lines, messages[number%len(messages)]...), '\n')
	}
	return lines
}

func milliseconds(start time.Time) float64 { return float64(time.Since(start).Microseconds()) / 1000 }

// median runs something for a while, several times, and returns the middle one of the nanoseconds that each
// unit took.
func median(long time.Duration, run func(round int) (units int, err error)) (float64, error) {
	var times []float64
	for range samples {
		start, total := time.Now(), 0
		for round := 0; time.Since(start) < long || total == 0; round++ {
			units, err := run(round)
			if err != nil {
				return 0, err
			}
			total += units
		}
		times = append(times, float64(time.Since(start).Nanoseconds())/float64(total))
	}
	slices.Sort(times)
	return times[len(times)/2], nil
}
