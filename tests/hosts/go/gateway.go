package main

import (
	"context"
	"encoding/json"
	"errors"
	"runtime"
	"sync/atomic"
	"time"

	interdict "interdict.example/interdict-host"
)

// task is a line with "do": the operations of a gateway, and the long ones of soak.go and bench.go.
type task struct {
	Do         string            `json:"do"`
	State      string            `json:"state"`
	Policy     json.RawMessage   `json:"policy"`
	Enrolments []json.RawMessage `json:"enrolments"`
	Now        int64             `json:"now"`
	Workers    int               `json:"workers"`
	Receipts   string            `json:"receipts"`
	Private    bool              `json:"private"`
	Patience   *struct {
		Connect  int64 `json:"connect"`
		Response int64 `json:"response"`
		File     int64 `json:"file"`
		Refresh  int64 `json:"refresh"`
	} `json:"patience"`
	Message  string          `json:"message"`
	Lines    json.RawMessage `json:"lines"`
	Action   string          `json:"action"`
	Because  string          `json:"because"`
	Flow     string          `json:"flow"`
	Holds    bool            `json:"holds"`
	Threads  int             `json:"threads"`
	Seconds  float64         `json:"seconds"`
	Requests json.RawMessage `json:"requests"`
	Millis   int64           `json:"milliseconds"`
}

func (t task) at() time.Time { return time.Unix(t.Now, 0) }

type failure struct {
	Kind string `json:"kind"`
	Code *int32 `json:"code,omitempty"`
	Text string `json:"text"`
}

// operator does what "do" says with one gateway at a time.
type operator struct {
	module   *interdict.Module
	gateway  *interdict.Gateway
	receipts atomic.Int64
}

var none = struct{}{}

// answer does a line; its errors are answers too.
func (o *operator) answer(line []byte) any {
	var asked task
	if err := json.Unmarshal(line, &asked); err != nil {
		return map[string]any{"error": failure{Kind: string(interdict.KindInvalid), Text: "not a task"}}
	}
	done, err := o.do(asked)
	if err != nil {
		told := failure{Kind: string(interdict.KindOf(err)), Text: err.Error()}
		var refused *interdict.RefusedError
		if errors.As(err, &refused) && told.Kind == string(interdict.KindRefused) {
			told.Code = &refused.Code
		}
		return map[string]any{"error": told}
	}
	return map[string]any{"ok": done}
}

func (o *operator) do(asked task) (any, error) {
	switch asked.Do {
	case "about":
		return o.about(), nil
	case "open":
		return none, o.open(asked)
	case "decide":
		return interdict.Decide(interdict.Action(asked.Action), asked.Because, interdict.Flow(asked.Flow), asked.Holds)
	case "receipts":
		return map[string]int64{"count": o.receipts.Load()}, nil
	case "soak":
		return soak(asked)
	case "bench":
		return bench(asked)
	}
	if o.gateway == nil {
		return nil, errors.New("no gateway is open")
	}
	switch asked.Do {
	case "screen":
		return o.screen(asked)
	case "batch":
		return o.batch(asked)
	case "refresh":
		return o.refresh(asked)
	case "status":
		return o.status(asked)
	case "reload":
		return o.gateway.ReloadIfChanged(context.Background(), asked.at())
	case "selftest":
		return none, o.gateway.SelfTest(asked.at())
	case "close":
		return none, o.gateway.Close()
	}
	return nil, errors.New("there is no such task")
}

func (o *operator) about() any {
	engine := "interpreter"
	if o.module.Compiled() {
		engine = "compiler"
	}
	return map[string]any{
		"language": "Go " + runtime.Version()[2:], "runtime": "wazero 1.12.0, " + engine,
		"compiled": o.module.Compiled(), "module": o.module.SHA256(),
	}
}

func (o *operator) open(asked task) error {
	if o.gateway != nil {
		_ = o.gateway.Close()
		o.gateway = nil
	}
	o.receipts.Store(0)
	options := interdict.Options{
		Policy: asked.Policy, Module: o.module, Workers: asked.Workers, Receipts: interdict.Receipts(asked.Receipts),
		OnReceipt: func(json.RawMessage, *interdict.Verdict) { o.receipts.Add(1) },
	}
	for _, enrolment := range asked.Enrolments {
		options.Enrolments = append(options.Enrolments, enrolment)
	}
	if asked.Private {
		options.AllowPrivate = []string{"*"}
	}
	if patience := asked.Patience; patience != nil {
		options.Patience = interdict.Patience{
			Connect:  time.Duration(patience.Connect) * time.Millisecond,
			Response: time.Duration(patience.Response) * time.Millisecond,
			File:     time.Duration(patience.File) * time.Millisecond,
			Refresh:  time.Duration(patience.Refresh) * time.Millisecond,
		}
	}
	gateway, err := interdict.Open(context.Background(), asked.State, options, asked.at())
	if err != nil {
		return err
	}
	o.gateway = gateway
	return nil
}

func (o *operator) screen(asked task) (any, error) {
	verdict, err := o.gateway.Screen([]byte(asked.Message), asked.at())
	if err != nil {
		return nil, err
	}
	return map[string]any{"answer": string(verdict.Raw), "action": verdict.Action}, nil
}

func (o *operator) batch(asked task) (any, error) {
	lines, err := linesOf(asked.Lines)
	if err != nil {
		return nil, err
	}
	answers, err := o.gateway.ScreenBatch(lines, asked.at())
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(answers))
	for number, answer := range answers {
		texts[number] = string(answer.Raw)
	}
	return map[string]any{"answers": texts}, nil
}

// linesOf takes the lines as one text or as an array of them.
func linesOf(lines json.RawMessage) ([]byte, error) {
	var text string
	if json.Unmarshal(lines, &text) == nil {
		return []byte(text), nil
	}
	var texts []string
	if err := json.Unmarshal(lines, &texts); err != nil {
		return nil, err
	}
	var all []byte
	for _, line := range texts {
		all = append(append(all, line...), '\n')
	}
	return all, nil
}

func (o *operator) refresh(asked task) (any, error) {
	results, err := o.gateway.Refresh(context.Background(), asked.at())
	if err != nil {
		return nil, err
	}
	told := []map[string]any{}
	for _, result := range results {
		one := map[string]any{"coalition": result.Coalition, "outcome": result.Outcome}
		if result.Why != "" {
			one["why"] = result.Why
		}
		told = append(told, one)
	}
	return map[string]any{"coalitions": told}, nil
}

func (o *operator) status(asked task) (any, error) {
	status, err := o.gateway.Status(asked.at())
	if err != nil {
		return nil, err
	}
	coalitions, refreshed, warnings := []json.RawMessage{}, map[string]any{}, []string{}
	for _, state := range status.Coalitions {
		coalitions = append(coalitions, state.Raw)
	}
	for name, result := range status.Refreshed {
		one := map[string]any{"outcome": result.Outcome}
		if result.Why != "" {
			one["why"] = result.Why
		}
		refreshed[name] = one
	}
	return map[string]any{
		"coalitions": coalitions, "refreshed": refreshed,
		"warnings": append(warnings, status.Warnings...), "traps": status.Traps,
	}, nil
}
