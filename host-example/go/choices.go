package interdict

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

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
	for _, text := range append(warnings, l.notEnrolled(result)...) {
		result.warn("", "%s", text)
	}
	return made, nil
}

// notEnrolled warns of lists that the policy requires and no enrolment names, but not before the first enrolment.
// Whether it is a policy, the module says.
func (l *loader) notEnrolled(result *loaded) (warnings []string) {
	var policy struct{ Required map[string][]string }
	if len(result.coalitions) == 0 || l.policy == nil || json.Unmarshal(l.policy, &policy) != nil {
		return nil
	}
	known := map[string][]string{}
	for _, one := range result.coalitions {
		known[one.shelf.name] = one.enrolment.Lists
	}
	for _, name := range slices.Sorted(maps.Keys(policy.Required)) {
		for _, list := range policy.Required[name] {
			if !slices.Contains(known[name], list) {
				warnings = append(warnings, fmt.Sprintf("%s of coalition %s is required but not enrolled, so no verdict is clean", list, name))
			}
		}
	}
	return warnings
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
