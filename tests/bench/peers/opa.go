package main

import (
	"errors"

	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/version"
)

const policy = `package gateway

default listed := false

listed if data.names[input.name]

all := [has | some name in input.names; has := object.get(data.names, name, false)]
`

// opaPeer is Open Policy Agent inside this process: the names are its data.
type opaPeer struct {
	store    storage.Store
	one, all rego.PreparedEvalQuery
}

func (p *opaPeer) version() (string, error) {
	return "Open Policy Agent " + version.Version + ", in process", nil
}

func (p *opaPeer) load(names []string) error {
	data := make(map[string]any, len(names))
	for _, name := range names {
		data[name] = true
	}
	p.store = inmem.NewFromObject(map[string]any{"names": data})
	var err error
	if p.one, err = p.prepare("data.gateway.listed"); err != nil {
		return err
	}
	p.all, err = p.prepare("data.gateway.all")
	return err
}

func (p *opaPeer) prepare(query string) (rego.PreparedEvalQuery, error) {
	return rego.New(rego.Query(query), rego.Module("gateway.rego", policy), rego.Store(p.store)).PrepareForEval(ctx)
}

func (p *opaPeer) has(name string) (bool, error) {
	listed, err := evaluate(p.one, map[string]any{"name": name})
	if err != nil {
		return false, err
	}
	return listed == true, nil
}

func (p *opaPeer) hasAll(names []string) ([]bool, error) {
	found, err := evaluate(p.all, map[string]any{"names": values(names)})
	if err != nil {
		return nil, err
	}
	list, _ := found.([]any)
	answers := make([]bool, len(list))
	for index, listed := range list {
		answers[index] = listed == true
	}
	return answers, nil
}

func evaluate(query rego.PreparedEvalQuery, input any) (any, error) {
	results, err := query.Eval(ctx, rego.EvalInput(input))
	if err != nil {
		return nil, err
	}
	if len(results) != 1 || len(results[0].Expressions) != 1 {
		return nil, errors.New("no result")
	}
	return results[0].Expressions[0].Value, nil
}

func (p *opaPeer) change(add, remove []string) error {
	return storage.Txn(ctx, p.store, storage.WriteParams, func(change storage.Transaction) error {
		for _, name := range add {
			if err := p.store.Write(ctx, change, storage.AddOp, storage.Path{"names", name}, true); err != nil {
				return err
			}
		}
		for _, name := range remove {
			if err := p.store.Write(ctx, change, storage.RemoveOp, storage.Path{"names", name}, nil); err != nil {
				return err
			}
		}
		return nil
	})
}
