package interdict

import (
	"regexp"
	"strings"
	"unicode"
)

const (
	fewestOnATrack = 12 // every other run has more digits
	shortestRun    = 13
)

// printed are the groups in which card numbers are printed. 4-4-4-4-3 begins with the first.
var printed = [][]int{{4, 4, 4, 4}, {4, 6, 4}, {4, 6, 5}}

// tracks are those of ISO/IEC 7813: track 1, and track 2 as messages carry it.
var tracks = regexp.MustCompile(`B[0-9]{12,19}\^|(?:^|[^0-9A-Za-z])[0-9]{12,19}D[0-9]{7,}(?:[^0-9A-Za-z]|$)`)

// holdsCardNumber reports whether a text holds a card-shaped run, as it is or with its percent escapes resolved
// (docs/identifiers.md, Card-shaped runs). The module has the same rule for what is screened; this one is for what a
// host keeps of an event. Digits and letters are those of the Unicode version that package unicode has.
func holdsCardNumber(text string) bool {
	return holdsRun(text) || strings.Contains(text, "%") && holdsRun(unescaped(text))
}

func holdsRun(text string) bool {
	digits := 0
	for _, r := range text {
		if isDigit(r) {
			digits++
		}
	}
	if digits < fewestOnATrack {
		return false
	}
	groups := digitGroups(text)
	for at := range groups {
		if isUnbroken(groups[at]) || isPrinted(groups[:at+1]) {
			return true
		}
	}
	return tracks.MatchString(text)
}

// digitGroup is an unbroken run of digits.
type digitGroup struct {
	length int
	// gap is what stands between it and the group before.
	gap string
	// isGapLetters says that a letter is in the gap.
	isGapLetters bool
	// isAfterLetter and isBeforeLetter say that a letter stands next to it.
	isAfterLetter, isBeforeLetter bool
}

func digitGroups(text string) []digitGroup {
	var groups []digitGroup
	var gap strings.Builder
	var next digitGroup
	isInGroup := false
	for _, r := range text {
		switch {
		case isInvisible(r):
		case isDigit(r):
			if !isInGroup {
				next.gap = gap.String()
				groups = append(groups, next)
				next = digitGroup{}
				gap.Reset()
			}
			isInGroup = true
			groups[len(groups)-1].length++
		default:
			next.isAfterLetter = isAlphabetic(r)
			next.isGapLetters = next.isGapLetters || next.isAfterLetter
			if isInGroup {
				groups[len(groups)-1].isBeforeLetter = next.isAfterLetter
			}
			isInGroup = false
			gap.WriteRune(r)
		}
	}
	return groups
}

func isUnbroken(group digitGroup) bool {
	return group.length >= shortestRun && !group.isAfterLetter && !group.isBeforeLetter
}

// isPrinted reports whether the last of the groups are those of a card, with the same separator between them.
func isPrinted(groups []digitGroup) bool {
	for _, lengths := range printed {
		first := len(groups) - len(lengths)
		if first < 0 || groups[first].isAfterLetter || groups[len(groups)-1].isBeforeLetter {
			continue
		}
		isAlike := true
		for at, group := range groups[first:] {
			isSeparated := at == 0 || !group.isGapLetters && group.gap == groups[first+1].gap
			isAlike = isAlike && isSeparated && group.length == lengths[at]
		}
		if isAlike {
			return true
		}
	}
	return false
}

// unescaped resolves escapes until none is left, in one pass: each byte completes at most one after another.
func unescaped(text string) string {
	resolved := make([]byte, 0, len(text))
	for at := range len(text) {
		resolved = append(resolved, text[at])
		for len(resolved) > 2 && resolved[len(resolved)-3] == '%' {
			high, isHigh := hexValue(resolved[len(resolved)-2])
			low, isLow := hexValue(resolved[len(resolved)-1])
			if !isHigh || !isLow {
				break
			}
			resolved = append(resolved[:len(resolved)-3], high<<4|low)
		}
	}
	return string(resolved)
}

// isDigit reports whether a character is a decimal digit of any script, or one that is raised, lowered, circled, in
// parentheses or with a full stop.
func isDigit(r rune) bool { return unicode.Is(unicode.Nd, r) || unicode.Is(otherDigits, r) }

func isAlphabetic(r rune) bool {
	return unicode.In(r, unicode.L, unicode.Nl, unicode.Other_Alphabetic)
}

func isInvisible(r rune) bool { return unicode.Is(invisible, r) }

var otherDigits = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0xb2, 0xb3, 1}, {0xb9, 0xb9, 1}, {0x2070, 0x2070, 1}, {0x2074, 0x2079, 1}, {0x2080, 0x2089, 1},
		{0x2460, 0x2468, 1}, {0x2474, 0x247c, 1}, {0x2488, 0x2490, 1}, {0x24ea, 0x24ea, 1}, {0x24f5, 0x24fd, 1},
		{0x24ff, 0x24ff, 1}, {0x2776, 0x277e, 1}, {0x2780, 0x2788, 1}, {0x278a, 0x2792, 1},
	},
	R32:         []unicode.Range32{{0x1f100, 0x1f10c, 1}},
	LatinOffset: 2,
}

// invisible is Default_Ignorable_Code_Point, and marks on the digit before, such as the frame of a keycap.
var invisible = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0xad, 0xad, 1}, {0x300, 0x36f, 1}, {0x61c, 0x61c, 1}, {0x115f, 0x1160, 1}, {0x17b4, 0x17b5, 1},
		{0x180b, 0x180f, 1}, {0x1ab0, 0x1aff, 1}, {0x1dc0, 0x1dff, 1}, {0x200b, 0x200f, 1}, {0x202a, 0x202e, 1},
		{0x2060, 0x206f, 1}, {0x20d0, 0x20ff, 1}, {0x3164, 0x3164, 1}, {0xfe00, 0xfe0f, 1}, {0xfe20, 0xfe2f, 1},
		{0xfeff, 0xfeff, 1}, {0xffa0, 0xffa0, 1}, {0xfff0, 0xfff8, 1},
	},
	R32: []unicode.Range32{
		{0x1bca0, 0x1bca3, 1}, {0x1d173, 0x1d17a, 1}, {0xe0000, 0xe0fff, 1},
	},
	LatinOffset: 1,
}
