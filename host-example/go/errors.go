package interdict

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Kind is the machine-readable word of an error. The hosts of all languages use the same words.
type Kind string

// The kinds of errors.
const (
	KindRefused          Kind = "refused"           // the module refused an operation: a *RefusedError
	KindTrapped          Kind = "trapped"           // an instance failed and was thrown away; nothing was answered
	KindForeignModule    Kind = "foreign_module"    // the file is no module that this host runs
	KindAnswer           Kind = "answer"            // an answer was not understood
	KindStoreMissing     Kind = "store_missing"     // there is no state directory
	KindStoreDamaged     Kind = "store_damaged"     // the state directory cannot be read or written
	KindStoreBusy        Kind = "store_busy"        // another process changes the state directory
	KindEnrolmentDiffers Kind = "enrolment_differs" // the coalition is enrolled with another root or without these keys
	KindNotScreened      Kind = "not_screened"      // the door cannot hold and the verdict is not certain enough to refuse
	KindSelfTest         Kind = "selftest"          // the reserved test merchants were not found, or one too many was
	KindClosed           Kind = "closed"            // the gateway was closed
	KindInvalid          Kind = "invalid"           // a bad argument, found before the module was asked
	KindMalformed        Kind = "malformed"         // an issuer's event is not one JSON object that has each member once
	KindNoMerchant       Kind = "no_merchant"       // an issuer's event is of another type, or names no merchant
)

// One error for each kind, for [errors.Is].
var (
	ErrRefused          error = &kindError{kind: KindRefused}
	ErrTrapped          error = &kindError{kind: KindTrapped}
	ErrForeignModule    error = &kindError{kind: KindForeignModule}
	ErrAnswer           error = &kindError{kind: KindAnswer}
	ErrStoreMissing     error = &kindError{kind: KindStoreMissing}
	ErrStoreDamaged     error = &kindError{kind: KindStoreDamaged}
	ErrStoreBusy        error = &kindError{kind: KindStoreBusy}
	ErrEnrolmentDiffers error = &kindError{kind: KindEnrolmentDiffers}
	ErrNotScreened      error = &kindError{kind: KindNotScreened}
	ErrSelfTest         error = &kindError{kind: KindSelfTest}
	ErrClosed           error = &kindError{kind: KindClosed}
	ErrInvalid          error = &kindError{kind: KindInvalid}
	ErrMalformed        error = &kindError{kind: KindMalformed}
	ErrNoMerchant       error = &kindError{kind: KindNoMerchant}
)

// KindOf returns the kind of an error of this package, and "" for any other.
func KindOf(err error) Kind {
	var own *kindError
	if errors.As(err, &own) {
		return own.kind
	}
	var refused *RefusedError
	if errors.As(err, &refused) {
		return KindRefused
	}
	return ""
}

// RefusedError says that the module refused an operation. It never repeats what was sent.
type RefusedError struct {
	// Code is the number in the table of docs/abi.md. A later module may have others.
	Code int32
	// Name is the code's word, such as "unknown_field"; empty if the module gave none.
	Name string
	// Path is the place in the message, such as "identifiers[0]"; empty if it is not known.
	Path string
	// Message says what is wrong, and begins with the path if there is one.
	Message string
	// Receipt is the receipt of a refused request; nil without a receipt key.
	Receipt json.RawMessage

	sentence string
}

// Error returns the module's own sentence.
func (e *RefusedError) Error() string { return e.sentence }

// Is reports whether the target is [ErrRefused].
func (e *RefusedError) Is(target error) bool { return target == ErrRefused }

// kindError is every error but a refusal. One without a text stands for its whole kind.
type kindError struct {
	kind  Kind
	text  string
	cause error
}

func (e *kindError) Error() string {
	if e.text == "" {
		return string(e.kind)
	}
	return e.text
}

func (e *kindError) Unwrap() error { return e.cause }

func (e *kindError) Is(target error) bool {
	other, ok := target.(*kindError)
	return ok && other.text == "" && other.kind == e.kind
}

// failure makes an error of a kind. A wrapped cause (%w) stays reachable for [errors.As].
func failure(kind Kind, format string, arguments ...any) error {
	err := fmt.Errorf(format, arguments...)
	return &kindError{kind: kind, text: err.Error(), cause: errors.Unwrap(err)}
}
