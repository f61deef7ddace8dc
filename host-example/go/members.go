package interdict

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// plan says which members of an object are read.
type plan map[string]planned

// planned is a string that gets a word, or an object with a plan of its own.
type planned struct {
	word   string
	object plan
}

// readMembers returns the strings that a plan names, by their words. One that is absent or null is left out, and so is
// what should be an object and is none; what should be a string and is none is nil. Everything else is checked to be
// JSON and skipped, and never becomes a value: encoding/json takes names in other letters, keeps the last of two members
// with the same name, and replaces half a surrogate pair. The error is [ErrMalformed] unless the text is one JSON object
// in UTF-8 whose planned members are there once.
func readMembers(text []byte, members plan) (map[string]*string, error) {
	reader := memberReader{text: text, found: map[string]*string{}, failed: !utf8.Valid(text)}
	reader.space()
	reader.object(members)
	if reader.failed || len(reader.text) > 0 {
		return nil, failure(KindMalformed, "the event is not one JSON object that has each member once")
	}
	return reader.found, nil
}

// memberReader reads what is left of a text. Once it failed, nothing is left.
type memberReader struct {
	text   []byte
	found  map[string]*string
	failed bool
}

func (r *memberReader) fail() { r.failed, r.text = true, nil }

// object reads an object, and the white space behind it.
func (r *memberReader) object(members plan) {
	r.take('{')
	names := map[string]bool{}
	for more := !r.isNext('}'); more && !r.failed; {
		name := r.string()
		r.take(':')
		if member, ok := members[name]; !ok {
			r.skip()
		} else if names[name] {
			r.fail()
		} else {
			names[name] = true
			r.planned(member)
		}
		if more = r.isNext(','); !more {
			r.take('}')
		}
	}
}

func (r *memberReader) planned(member planned) {
	switch {
	case member.object != nil && r.first() == '{':
		r.object(member.object)
	case member.object != nil:
		r.skip()
	case r.first() == '"':
		text := r.string()
		r.found[member.word] = &text
	default:
		if r.first() != 'n' { // null alone begins with it
			r.found[member.word] = nil
		}
		r.skip()
	}
}

// skip passes over a value of any depth, in a loop: an event must not be able to use up the stack.
func (r *memberReader) skip() {
	var closing []byte
	for !r.failed {
		switch {
		case r.isNext('{'):
			if !r.isNext('}') {
				closing = append(closing, '}')
				r.name()
				continue
			}
		case r.isNext('['):
			if !r.isNext(']') {
				closing = append(closing, ']')
				continue
			}
		case r.first() == '"':
			r.quoted()
		default:
			r.scalar()
		}
		for len(closing) > 0 && !r.isNext(',') && !r.failed {
			r.take(closing[len(closing)-1])
			closing = closing[:len(closing)-1]
		}
		if len(closing) == 0 {
			return
		}
		if closing[len(closing)-1] == '}' {
			r.name()
		}
	}
}

func (r *memberReader) name() {
	r.quoted()
	r.take(':')
}

// string reads a string of whole characters.
func (r *memberReader) string() string {
	text, ok := unquoted(r.quoted())
	if !ok {
		r.fail()
	}
	return text
}

// quoted reads a string as it is written, between its quotation marks.
func (r *memberReader) quoted() []byte {
	if r.first() != '"' {
		r.fail()
		return nil
	}
	for at := 1; at < len(r.text); at++ {
		switch next := r.text[at]; {
		case next == '"':
			quoted := r.text[1:at]
			r.pass(at + 1)
			return quoted
		case next < ' ':
			r.fail()
			return nil
		case next == '\\':
			length := escapeLength(r.text[at:])
			if length == 0 {
				r.fail()
				return nil
			}
			at += length - 1
		}
	}
	r.fail()
	return nil
}

// scalar reads a number, true, false or null.
func (r *memberReader) scalar() {
	for _, word := range []string{"true", "false", "null"} {
		if bytes.HasPrefix(r.text, []byte(word)) {
			r.pass(len(word))
			return
		}
	}
	if length := numberLength(r.text); length > 0 {
		r.pass(length)
		return
	}
	r.fail()
}

func (r *memberReader) take(mark byte) {
	if !r.isNext(mark) {
		r.fail()
	}
}

// isNext reports whether a mark is next, which is then passed over with the white space behind it.
func (r *memberReader) isNext(mark byte) bool {
	if r.first() != mark {
		return false
	}
	r.pass(1)
	return true
}

func (r *memberReader) first() byte {
	if len(r.text) == 0 {
		return 0
	}
	return r.text[0]
}

func (r *memberReader) pass(length int) {
	r.text = r.text[length:]
	r.space()
}

func (r *memberReader) space() { r.text = bytes.TrimLeft(r.text, " \t\r\n") }

// escapeLength is the length of the escape that a text begins with; 0 if it is none.
func escapeLength(text []byte) int {
	if len(text) < 2 {
		return 0
	}
	if bytes.IndexByte([]byte(`"\/bfnrt`), text[1]) >= 0 {
		return 2
	}
	if _, ok := codeUnit(text); ok {
		return 6
	}
	return 0
}

// codeUnit is what a text's first escape \uXXXX stands for.
func codeUnit(text []byte) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	var unit rune
	for _, digit := range text[2:6] {
		value, ok := hexValue(digit)
		if !ok {
			return 0, false
		}
		unit = unit<<4 | rune(value)
	}
	return unit, true
}

func hexValue(digit byte) (byte, bool) {
	switch {
	case digit >= '0' && digit <= '9':
		return digit - '0', true
	case digit >= 'a' && digit <= 'f':
		return digit - 'a' + 10, true
	case digit >= 'A' && digit <= 'F':
		return digit - 'A' + 10, true
	}
	return 0, false
}

// numberLength is the length of the number that a text begins with (RFC 8259, section 6); 0 if it is none.
func numberLength(text []byte) int {
	at := 0
	digits := func() bool {
		begin := at
		for at < len(text) && text[at] >= '0' && text[at] <= '9' {
			at++
		}
		return at > begin
	}
	isOneOf := func(marks string) bool {
		found := at < len(text) && bytes.IndexByte([]byte(marks), text[at]) >= 0
		if found {
			at++
		}
		return found
	}
	isOneOf("-")
	if !isOneOf("0") && !digits() {
		return 0
	}
	if isOneOf(".") && !digits() {
		return 0
	}
	if isOneOf("eE") {
		isOneOf("+-")
		if !digits() {
			return 0
		}
	}
	return at
}

// unquoted resolves the escapes of a string; false if half a surrogate pair is among them.
func unquoted(quoted []byte) (string, bool) {
	text := make([]byte, 0, len(quoted))
	for len(quoted) > 0 {
		if quoted[0] != '\\' {
			text = append(text, quoted[0])
			quoted = quoted[1:]
			continue
		}
		unit, ok := codeUnit(quoted)
		if !ok {
			short := bytes.IndexByte([]byte(`"\/bfnrt`), quoted[1])
			text = append(text, "\"\\/\b\f\n\r\t"[short])
			quoted = quoted[2:]
			continue
		}
		quoted = quoted[6:]
		if utf16.IsSurrogate(unit) {
			second, _ := codeUnit(quoted)
			unit = utf16.DecodeRune(unit, second)
			if unit == utf8.RuneError {
				return "", false
			}
			quoted = quoted[6:]
		}
		text = utf8.AppendRune(text, unit)
	}
	return string(text), true
}
