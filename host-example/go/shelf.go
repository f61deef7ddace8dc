package interdict

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const (
	currentFile    = "current"
	historyFile    = "history"
	openedKeysFile = "opened.keys"
	pendingFolder  = "pending"
	generationName = "generation-"
	noHistory      = "none"
	// maxHistory is more than the longest history: 256 lists with ids of 65 bytes.
	maxHistory    = 32 << 10
	maxOpenedKeys = 64 << 10
)

// shelf is one coalition's directory.
type shelf struct{ name, path string }

// enrolment reads the enrolment file; nil if the coalition is not enrolled.
func (s *shelf) enrolment() (*enrolment, error) {
	path := filepath.Join(s.path, enrolmentFile)
	text, err := readFile(path, maxEnrolment)
	if err != nil || text == nil {
		return nil, err
	}
	read, isWhole := readEnrolment(text)
	if !isWhole {
		return nil, failure(KindStoreDamaged, "%s is damaged; `interdict enrol --replace FILE` starts anew", path)
	}
	return read, nil
}

// history is what was saved as the history, for the module to read; "none" if nothing was, or it is no text.
func (s *shelf) history() (string, error) {
	text, err := readFile(filepath.Join(s.path, historyFile), maxHistory)
	if err != nil || text == nil {
		return noHistory, err
	}
	return strings.ToValidUTF8(string(text), "\ufffd"), nil
}

// openedKeys are the list keys that the interdict command opened for this gateway.
func (s *shelf) openedKeys() (keys []string, warnings []string) {
	path := filepath.Join(s.path, openedKeysFile)
	text, err := readFile(path, maxOpenedKeys)
	if err != nil {
		return nil, []string{fmt.Sprintf("left out: %v", err)}
	}
	for number, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		switch {
		case isKey(line):
			keys = append(keys, line)
		case line != "" || number > 0:
			warnings = append(warnings, fmt.Sprintf("%s: line %d is no key and was passed over", path, number+1))
		}
	}
	return keys, warnings
}

// current is the number of the generation to load; 0 if there is none.
func (s *shelf) current() (uint64, error) {
	path := filepath.Join(s.path, currentFile)
	text, err := readFile(path, 32)
	if err != nil || text == nil {
		return 0, err
	}
	number, err := strconv.ParseUint(strings.TrimRight(string(text), " \t\r\n"), 10, 64)
	if err != nil || number == 0 {
		return 0, failure(KindStoreDamaged, "%s is damaged", path)
	}
	return number, nil
}

// generations are those that can be loaded, best first: the current one and those it replaced. A higher one
// may be half written and is left out.
func (s *shelf) generations() ([]uint64, error) {
	current, err := s.current()
	if err != nil || current == 0 {
		return nil, err
	}
	numbers, err := s.numbers()
	if err != nil {
		return nil, err
	}
	// The current one stays although its directory is gone: that is damage, like a file that is missing.
	numbers = slices.DeleteFunc(numbers, func(number uint64) bool { return number >= current })
	slices.Sort(numbers)
	slices.Reverse(numbers)
	return slices.Insert(numbers, 0, current), nil
}

func (s *shelf) numbers() ([]uint64, error) {
	entries, err := os.ReadDir(s.path)
	if err != nil {
		return nil, failure(KindStoreDamaged, "%s: %w", s.path, withoutPath(err))
	}
	var numbers []uint64
	for _, entry := range entries {
		digits, isNamed := strings.CutPrefix(entry.Name(), generationName)
		if number, err := strconv.ParseUint(digits, 10, 63); isNamed && err == nil {
			numbers = append(numbers, number)
		}
	}
	return numbers, nil
}

func (s *shelf) generation(number uint64) string {
	return filepath.Join(s.path, generationName+strconv.FormatUint(number, 10))
}

func (s *shelf) pending() string { return filepath.Join(s.path, pendingFolder) }

// keep saves a verified file of an update; it is on the disk when this returns.
func (s *shelf) keep(name string, bytes []byte) (string, error) {
	if err := makeDirectory(s.pending()); err != nil {
		return "", err
	}
	return filepath.Join(s.pending(), name), writeFile(s.pending(), name, bytes)
}

// commit makes a generation of these files, by their names, and switches to it. It keeps one generation
// besides: the base, which was loaded before. Returns the new number.
func (s *shelf) commit(files map[string]string, base uint64) (uint64, error) {
	number, err := s.addGeneration(files)
	if err != nil {
		return 0, err
	}
	if err := writeFile(s.path, currentFile, []byte(strconv.FormatUint(number, 10)+"\n")); err != nil {
		return 0, err
	}
	if err := s.clearPending(); err != nil {
		return number, err
	}
	numbers, err := s.numbers()
	for _, old := range numbers {
		if old != number && old != base {
			if err := os.RemoveAll(s.generation(old)); err != nil {
				return number, unwritten(s.generation(old), err)
			}
		}
	}
	return number, err
}

func (s *shelf) addGeneration(files map[string]string) (uint64, error) {
	numbers, err := s.numbers()
	if err != nil {
		return 0, err
	}
	number := slices.Max(append(numbers, 0)) + 1
	directory := s.generation(number)
	if err := makeDirectory(directory); err != nil {
		return 0, err
	}
	for name, from := range files {
		if err := linkOrCopy(from, filepath.Join(directory, name)); err != nil {
			return 0, err
		}
	}
	if err := syncDirectory(directory); err != nil {
		return 0, err
	}
	return number, syncDirectory(s.path)
}

func (s *shelf) clearPending() error {
	if err := os.RemoveAll(s.pending()); err != nil {
		return unwritten(s.pending(), err)
	}
	return nil
}

func (s *shelf) saveHistory(history string) error {
	return writeFile(s.path, historyFile, []byte(history))
}
