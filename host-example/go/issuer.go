package interdict

import (
	"regexp"
	"slices"
	"strings"
)

// Issuer is whose authorisation event it is, by the word that the project's gateway has for it.
type Issuer string

// The issuers whose events are read.
const (
	StripeIssuing Issuer = "stripe-issuing" // Stripe Issuing, issuing_authorization.request
	AdyenRelayed  Issuer = "adyen-relayed"  // Adyen, balancePlatform.authorisation.relayed
	LithicASA     Issuer = "lithic-asa"     // Lithic, Auth Stream Access
	MarqetaJIT    Issuer = "marqeta-jit"    // Marqeta, Gateway JIT Funding
)

// IssuerEvent is what is kept of an issuer's authorisation event: what it says about the merchant, each as it was sent,
// and nothing about the payer. What was not sent, or breaks a rule, is empty.
type IssuerEvent struct {
	// Acquirer is the acquiring institution's digits (ISO 8583, DE32).
	Acquirer string
	// Acceptor is the card acceptor's id (DE42).
	Acceptor string
	// Name is for people to read: it is never screened, and has no place in a log.
	Name string
	// Category is the merchant category code, four digits.
	Category string
	// URL is the merchant's web address; of one with a card-shaped run, scheme and host.
	URL string
	// Identifiers is the card acceptor, if both halves of it were sent.
	Identifiers []Identifier
	// Incomplete says which of "acquirer", "acceptor" and "url" could not be asked about; "url" only if it was dropped.
	Incomplete []string
}

// ReadIssuerEvent reads what an authorisation event says about the merchant. The event is the body as it was received,
// after its signature was verified over these bytes. The error is [ErrMalformed] for what is no event, and
// [ErrNoMerchant] for one of another type or that names nobody; neither is a pass. No error repeats what was sent.
// fixtures/README.md of the repository has the rules, and each issuer's members.
func ReadIssuerEvent(issuer Issuer, event []byte) (IssuerEvent, error) {
	members, ok := issuerPlans[issuer]
	if !ok {
		return IssuerEvent{}, failure(KindInvalid, "there is no such issuer")
	}
	sent, err := readMembers(event, members)
	if err != nil {
		return IssuerEvent{}, err
	}
	if !isRequest(issuer, sent) {
		return IssuerEvent{}, failure(KindNoMerchant, "the event is of another type")
	}
	url, isURLDropped := webAddress(sent["url"])
	read := IssuerEvent{
		Acquirer: kept(sent["acquirer"], isAcquirer),
		Acceptor: kept(sent["acceptor"], isAcceptor),
		Name:     kept(sent["name"], isName),
		Category: kept(sent["category"], categoryForm.MatchString),
		URL:      url,
	}
	if read.Acquirer == "" && read.Acceptor == "" && read.URL == "" {
		return IssuerEvent{}, failure(KindNoMerchant, "the event names no merchant")
	}
	read.complete(isURLDropped)
	return read, nil
}

// complete says what the parts make together.
func (e *IssuerEvent) complete(isURLDropped bool) {
	if e.Acquirer != "" && e.Acceptor != "" {
		e.Identifiers = []Identifier{{Kind: "card_acceptor", Value: e.Acquirer + "/" + e.Acceptor}}
	}
	if e.Acquirer == "" {
		e.Incomplete = append(e.Incomplete, "acquirer")
	}
	if e.Acceptor == "" {
		e.Incomplete = append(e.Incomplete, "acceptor")
	}
	if isURLDropped {
		e.Incomplete = append(e.Incomplete, "url")
	}
}

// Request is what to give to [Gateway.Screen]. Half of a card acceptor is in it too, and an empty address for one that
// was dropped: the verdict of either is never clean.
func (e IssuerEvent) Request() Request {
	request := Request{Flow: Authorisation, Identifiers: e.Identifiers, URL: e.URL}
	request.isURLDropped = slices.Contains(e.Incomplete, "url")
	if len(e.Identifiers) == 0 && e.Acquirer+e.Acceptor != "" {
		request.ISO8583 = &ISO8583{DE32: e.Acquirer, DE42: e.Acceptor}
	}
	if e.Category != "" {
		request.Signals = map[string]any{"mcc": e.Category}
	}
	return request
}

var issuerPlans = map[Issuer]plan{
	StripeIssuing: {
		"type": {word: "type"},
		"data": {object: plan{"object": {object: plan{
			"network_data": {object: plan{"acquiring_institution_id": {word: "acquirer"}}},
			"merchant_data": {object: plan{
				"network_id":    {word: "acceptor"},
				"name":          {word: "name"},
				"category_code": {word: "category"},
				"url":           {word: "url"},
			}},
		}}}},
	},
	AdyenRelayed: {
		"type": {word: "type"},
		"merchantData": {object: plan{
			"acquirerId":   {word: "acquirer"},
			"merchantId":   {word: "acceptor"},
			"nameLocation": {object: plan{"name": {word: "name"}}},
			"mcc":          {word: "category"},
		}},
	},
	LithicASA: {
		"merchant": {object: plan{
			"acquiring_institution_id": {word: "acquirer"},
			"acceptor_id":              {word: "acceptor"},
			"descriptor":               {word: "name"},
			"mcc":                      {word: "category"},
		}},
	},
	MarqetaJIT: {
		"acquirer": {object: plan{"institution_id_code": {word: "acquirer"}}},
		"card_acceptor": {object: plan{
			"mid":  {word: "acceptor"},
			"name": {word: "name"},
			"mcc":  {word: "category"},
			"url":  {word: "url"},
		}},
	},
}

func isRequest(issuer Issuer, sent map[string]*string) bool {
	name, isThere := sent["type"]
	switch issuer {
	case StripeIssuing:
		return name != nil && *name == "issuing_authorization.request"
	case AdyenRelayed:
		// Older versions of this webhook name no type.
		return !isThere || name != nil && *name == "balancePlatform.authorisation.relayed"
	default:
		return true
	}
}

// Bytes. A card acceptor's id has 15 in ISO 8583, and one of no more is often all digits, but no card number that
// matters. For padding it may have four times as many; no scheme sends as long a name.
const (
	acceptorSize    = 15
	longestAcceptor = 64
	longestName     = 256
)

var (
	// Three times the 11 digits of ISO 8583, for leading zeros.
	acquirerForm = regexp.MustCompile(`^[0-9]{1,32}$`)
	categoryForm = regexp.MustCompile(`^[0-9]{4}$`)
	// What stands before the first stop, and what stands behind the slashes there, up to the next.
	addressForm = regexp.MustCompile(`^([^/\\?#]*)[/\\]*([^/\\?#]*)`)
)

func kept(text *string, rule func(string) bool) string {
	if text == nil || !rule(*text) {
		return ""
	}
	return *text
}

func isAcquirer(text string) bool { return acquirerForm.MatchString(text) && !holdsCardNumber(text) }

func isAcceptor(text string) bool {
	mayBeCard := len(text) > acceptorSize && holdsCardNumber(text)
	return !isBlank(text) && len(text) <= longestAcceptor && !mayBeCard
}

func isName(text string) bool {
	return !isBlank(text) && len(text) <= longestName && !holdsCardNumber(text)
}

func isBlank(text string) bool { return strings.Trim(text, " ") == "" }

// webAddress returns the address, and whether one was dropped. The merchant writes it, so a card-shaped run in it cuts
// it to scheme and host, which alone are screened: nobody is to keep itself from being screened with a number in a path.
func webAddress(text *string) (string, bool) {
	switch {
	case text == nil || isBlank(*text):
		return "", false
	case !holdsCardNumber(*text):
		return *text, false
	}
	scheme, host := schemeAndHost(*text)
	if isBlank(host) || holdsCardNumber(scheme+host) {
		return "", true
	}
	return scheme + host, false
}

// schemeAndHost returns the scheme with two slashes, or nothing, and the host, however many slashes stand before it.
func schemeAndHost(address string) (scheme, host string) {
	parts := addressForm.FindStringSubmatch(address)
	first, authority := parts[1], parts[2]
	switch {
	case strings.HasSuffix(first, ":"):
		scheme = first + "//"
	case first != "":
		authority = first
	}
	return scheme, authority[strings.LastIndex(authority, "@")+1:]
}
