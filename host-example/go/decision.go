package interdict

// Action is the module's answer to a request, from [Allow] to [Block].
type Action string

// The five actions. Any other word is an error.
const (
	Allow      Action = "allow"
	Monitor    Action = "monitor"
	Review     Action = "review"
	HoldPayout Action = "hold_payout"
	Block      Action = "block"
)

// Flow is the door at which a request is screened.
type Flow string

// The four flows.
const (
	Onboarding    Flow = "onboarding"
	Authorisation Flow = "authorisation"
	Payout        Flow = "payout"
	Checkout      Flow = "checkout"
)

// Decision is what a door does.
type Decision string

// The three decisions.
const (
	Pass   Decision = "pass"
	Hold   Decision = "hold"
	Refuse Decision = "refuse"
)

// Decide is the table of doors of docs/abi.md:
//
//	action               onboarding, payout   authorisation, checkout
//	allow, monitor       pass                 pass
//	review, hold_payout  hold                 pass
//	block                refuse               refuse
//
// If the door cannot hold (holds is false) where the table says hold, it refuses what is listed (because is
// "record" or "candidate"), and nothing else: then it returns [ErrNotScreened], and a person must decide.
// An unknown action or flow is [ErrInvalid]. No error is ever a pass.
func Decide(action Action, because string, flow Flow, holds bool) (Decision, error) {
	var canHold bool
	switch flow {
	case Onboarding, Payout:
		canHold = true
	case Authorisation, Checkout:
	default:
		return "", failure(KindInvalid, "there is no such flow")
	}
	switch action {
	case Allow, Monitor:
		return Pass, nil
	case Review, HoldPayout:
	case Block:
		return Refuse, nil
	default:
		return "", failure(KindInvalid, "there is no such action")
	}
	switch {
	case !canHold:
		return Pass, nil
	case holds:
		return Hold, nil
	case because == "record" || because == "candidate":
		return Refuse, nil
	}
	return "", failure(KindNotScreened, "the verdict asks to hold, and this door cannot")
}
