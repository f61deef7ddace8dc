package interdict

import (
	"bytes"
	"encoding/json"
)

// Verdict is the module's answer to one request; docs/abi.md, screen, has its members. An answer without one
// of the five actions, or without degraded, never becomes a verdict.
type Verdict struct {
	// Action is what the module asks for; [Verdict.Decision] says what that is at a door.
	Action Action `json:"action"`
	// Because says in one word why the action is above allow; empty if it is not.
	Because string `json:"because"`
	// Score orders a queue of merchants, from 0 to 1,000; docs/scoring.md says what it means.
	Score int64 `json:"score"`
	// Degraded says that a list that must answer could not in full, or that time or state is in doubt.
	Degraded bool `json:"-"`
	// Reasons are what was found.
	Reasons []Reason `json:"reasons"`
	// Lists are the lists that answered.
	Lists []List `json:"lists"`
	// Doubts say why time or state is in doubt.
	Doubts []string `json:"doubts"`
	// Unchecked names the kinds in the request that no list checked.
	Unchecked []string `json:"unchecked"`
	// Unused are the fields that yield no identifier.
	Unused []Unused `json:"unused"`
	// Policy is the digest of the policy that decided.
	Policy string `json:"policy"`
	// Reference is what the request gave as its reference.
	Reference string `json:"reference"`
	// Receipt is to be kept: it proves the verdict later. Nil without one.
	Receipt json.RawMessage `json:"receipt"`
	// Raw is the whole answer as the module gave it, with members that this version does not name.
	Raw json.RawMessage `json:"-"`
}

// Reason is one finding.
type Reason struct {
	Code       string `json:"code"`
	Identifier *int   `json:"identifier"`
	Coalition  string `json:"coalition"`
	List       string `json:"list"`
	Source     string `json:"source"`
	Origin     string `json:"origin"`
	Category   string `json:"category"`
	Handling   string `json:"handling"`
	Relation   string `json:"relation"`
	Weight     int64  `json:"weight"`
	// Text is the reason in the language that the request asked for; empty if it asked for none.
	Text string `json:"text"`
}

// List is a list that answered. Age is in seconds.
type List struct {
	Coalition string `json:"coalition"`
	List      string `json:"list"`
	Edition   string `json:"edition"`
	Epoch     int64  `json:"epoch"`
	Sequence  int64  `json:"sequence"`
	Freshness string `json:"freshness"`
	Age       *int64 `json:"age_s"`
}

// Unused is a field of the request that yields no identifier, and the rule that it breaks.
type Unused struct {
	Identifier int    `json:"identifier"`
	Path       string `json:"path"`
	Rule       string `json:"rule"`
}

// Decision is what a door does with the verdict; see [Decide].
func (v *Verdict) Decision(flow Flow, holds bool) (Decision, error) {
	return Decide(v.Action, v.Because, flow, holds)
}

// isListed reports whether the verdict comes from a list, and not from what is missing.
func (v *Verdict) isListed() bool {
	if v.Because == "record" || v.Because == "candidate" {
		return true
	}
	for _, reason := range v.Reasons {
		if reason.Code == "listed" || reason.Code == "candidate" {
			return true
		}
	}
	return false
}

// isWithoutRecords reports whether every list that was asked is a filter alone.
func (v *Verdict) isWithoutRecords() bool {
	for _, list := range v.Lists {
		if list.Edition == "member" {
			return false
		}
	}
	return len(v.Lists) > 0
}

// readVerdict reads an answer that it may keep.
func readVerdict(answer []byte) (*Verdict, error) {
	var told struct {
		Verdict
		Degraded *bool `json:"degraded"`
	}
	if json.Unmarshal(answer, &told) != nil || told.Degraded == nil {
		return nil, failure(KindAnswer, "the module's answer is not one this host understands")
	}
	switch told.Action {
	case Allow, Monitor, Review, HoldPayout, Block:
	default:
		return nil, failure(KindAnswer, "the module's answer has an action that this host does not know")
	}
	verdict := told.Verdict
	verdict.Degraded, verdict.Raw = *told.Degraded, answer
	return &verdict, nil
}

// Request is a request to screen, for programs that do not have it as JSON already. docs/abi.md, screen, says
// what each member is, and has a few more; [Gateway.Screen] takes any JSON text of them.
type Request struct {
	Flow        Flow           `json:"flow"`
	Identifiers []Identifier   `json:"identifiers,omitempty"`
	URL         string         `json:"url,omitempty"`
	ISO8583     *ISO8583       `json:"iso8583,omitempty"`
	Signals     map[string]any `json:"signals,omitempty"`
	View        string         `json:"view,omitempty"`
	Language    string         `json:"language,omitempty"`
	Reference   string         `json:"reference,omitempty"`

	// isURLDropped writes an empty URL, which the verdict names as unused.
	isURLDropped bool
}

// Identifier names a merchant: a kind of docs/identifiers.md and the value as it was found.
type Identifier struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

// ISO8583 has data elements of an ISO 8583 message: acquirer and card acceptor.
type ISO8583 struct {
	DE32 string `json:"de32,omitempty"`
	DE42 string `json:"de42,omitempty"`
}

// JSON returns the request as the module reads it. Signals that JSON cannot write are left out, with the rest
// of the request: the module then refuses it.
func (r Request) JSON() []byte {
	var written any = r
	if r.isURLDropped && r.URL == "" {
		written = struct {
			Request
			URL string `json:"url"`
		}{Request: r}
	}
	text, err := compactJSON(written)
	if err != nil {
		return nil
	}
	return text
}

// compactJSON writes a value without the escapes that encoding/json adds for web pages.
func compactJSON(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
}
