package interdict

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Store is a state directory: what a gateway must not lose (docs/store.md). Everything in it but the secrets is
// verified again when it is read back.
type Store struct{ path string }

const (
	// maxEnrolment is more than an enrolment with 256 lists.
	maxEnrolment = 2 << 20
	// maxDocument is the largest override or clearance.
	maxDocument = 4 << 20
)

// OpenStore opens a state directory that exists: with an empty one in its place a gateway would forget what it
// knew.
//
// It returns [ErrStoreMissing] if there is none.
func OpenStore(path string) (*Store, error) {
	found, err := os.Stat(path)
	if err != nil || !found.IsDir() {
		return nil, failure(KindStoreMissing, "%s: there is no state directory here; enrol first", path)
	}
	return &Store{path}, nil
}

// Path returns where the state directory is.
func (s *Store) Path() string { return s.path }

// enrolment is what a host reads of an enrolment file. The module reads the rest.
type enrolment struct {
	Coalition  string         `json:"coalition"`
	Repository string         `json:"repository"`
	Root       string         `json:"root"`
	Keys       []enrolmentKey `json:"keys"`
	Lists      []string       `json:"lists"`

	text json.RawMessage
}

type enrolmentKey struct {
	Epoch uint64 `json:"epoch"`
	Key   string `json:"key"`
}

func readEnrolment(text []byte) (*enrolment, bool) {
	read := &enrolment{text: text}
	isWhole := json.Unmarshal(text, read) == nil && isCoalition(read.Coalition)
	return read, isWhole && read.Root != "" && read.Repository != ""
}

// isKnownTo reports whether a saved enrolment has this one's root and keys.
func (e *enrolment) isKnownTo(saved *enrolment) bool {
	for _, key := range e.Keys {
		if !slices.Contains(saved.Keys, key) {
			return false
		}
	}
	return e.Root == saved.Root
}

// Enrol takes a coalition's enrolment file into a state directory, after the module has accepted its root and
// keys. The directory, the gateway's receipt key and the inventory are made if they are not there. Nothing
// changes if the coalition is enrolled already with this root and these keys. A nil module is the built-in
// one; the time is the clock's unless one is given.
//
// It returns [ErrInvalid] for a text that is no enrolment, a [*RefusedError], [ErrEnrolmentDiffers] for a
// coalition that is enrolled otherwise, or [ErrStoreBusy].
func Enrol(path string, text []byte, module *Module, at ...time.Time) error {
	now, err := seconds(time.Now, at)
	if err != nil {
		return err
	}
	if module == nil {
		if module, err = BuiltInModule(); err != nil {
			return err
		}
	}
	given, isWhole := readEnrolment(text)
	if !isWhole || len(text) > maxEnrolment {
		return failure(KindInvalid, "the text is no enrolment")
	}
	// No lock is needed for what is known already: another process may have it for as long as it refreshes.
	store := &Store{path}
	if saved, err := store.shelf(given.Coalition).enrolment(); err != nil {
		return err
	} else if saved != nil && given.isKnownTo(saved) {
		return nil
	}
	if err := tryEnrolment(module, given, now); err != nil {
		return err
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return unwritten(path, err)
	}
	lock, err := takeLock(filepath.Join(path, "lock"), false, lockPatience)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }()
	return store.enrol(given)
}

func tryEnrolment(module *Module, given *enrolment, now uint32) error {
	instance, err := NewInstance(module)
	if err != nil {
		return err
	}
	defer instance.Close()
	coalition := configuredCoalition{Enrolment: given.text, History: noHistory}
	return configure(instance, map[string]any{"coalitions": []configuredCoalition{coalition}}, now)
}

func (s *Store) enrol(given *enrolment) error {
	if key, err := s.receiptKey(); err != nil {
		return err
	} else if key == "" {
		random := make([]byte, 32)
		_, _ = rand.Read(random)
		if err := writeFile(s.path, receiptKeyFile, []byte(hex.EncodeToString(random)+"\n")); err != nil {
			return err
		}
	}
	shelf := s.shelf(given.Coalition)
	saved, err := shelf.enrolment()
	if err != nil {
		return err
	}
	if saved != nil && !given.isKnownTo(saved) {
		return failure(KindEnrolmentDiffers,
			"%s is enrolled with another root or without these keys; `interdict enrol FILE` merges them", given.Coalition)
	}
	if saved == nil {
		if err := makeDirectory(shelf.path); err != nil {
			return err
		}
		if err := writeFile(shelf.path, enrolmentFile, given.text); err != nil {
			return err
		}
		if err := syncDirectory(s.path); err != nil {
			return err
		}
	}
	return s.takeStock()
}

func (s *Store) shelf(coalition string) *shelf {
	return &shelf{name: coalition, path: filepath.Join(s.path, coalition)}
}

// shelves are the enrolled coalitions, by name. One that has lists and no enrolment is damaged: it must not
// vanish from the verdicts.
func (s *Store) shelves() ([]*shelf, error) {
	entries, err := os.ReadDir(s.path)
	if err != nil {
		return nil, failure(KindStoreDamaged, "%s: %w", s.path, withoutPath(err))
	}
	var shelves []*shelf
	for _, entry := range entries {
		one := s.shelf(entry.Name())
		if !isCoalition(one.name) {
			continue
		}
		switch hasEnrolment := exists(filepath.Join(one.path, enrolmentFile)); {
		case !hasEnrolment && exists(filepath.Join(one.path, currentFile)):
			return nil, failure(KindStoreDamaged, "%s: the enrolment is gone; enrol again", one.path)
		case hasEnrolment && exists(filepath.Join(one.path, "pages")):
			return nil, failure(KindStoreDamaged, "%s: pages of records were removed, and records are loaded "+
				"whole; delete this folder, then refresh", filepath.Join(one.path, "pages"))
		case hasEnrolment:
			shelves = append(shelves, one)
		}
	}
	return shelves, nil
}

// receiptKey is the gateway's own secret; empty if there is none.
func (s *Store) receiptKey() (string, error) {
	path := filepath.Join(s.path, receiptKeyFile)
	text, err := readFile(path, 128)
	if err != nil || text == nil {
		return "", err
	}
	key := strings.TrimRight(string(text), " \t\r\n")
	if !isKey(key) {
		return "", failure(KindStoreDamaged, "%s is no key; restore it, or `interdict state accept`", path)
	}
	return key, nil
}

// isKey reports whether a text is 32 bytes in lower-case hexadecimal.
func isKey(text string) bool {
	return len(text) == 64 && strings.Trim(text, "0123456789abcdef") == ""
}

// document is a signed override or clearance, as it lies in its folder.
type document struct {
	path  string
	bytes []byte
}

// documents reads every *.json file of a folder in the order of the names. One that cannot be read is a
// warning.
func (s *Store) documents(folder string) (documents []document, warnings []string) {
	directory := filepath.Join(s.path, folder)
	entries, err := os.ReadDir(directory)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, []string{fmt.Sprintf("%s left out: %v", directory, withoutPath(err))}
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".") || !strings.HasSuffix(entry.Name(), ".json") {
			continue
		}
		path := filepath.Join(directory, entry.Name())
		bytes, err := readFile(path, maxDocument)
		if err != nil {
			warnings = append(warnings, fmt.Sprintf("left out: %v", err))
		} else if bytes != nil {
			documents = append(documents, document{path, bytes})
		}
	}
	return documents, warnings
}

// warnings tell a person what is wrong with the secrets, and what is lost.
func (s *Store) warnings(lost []string, shelves []*shelf) []string {
	var warnings []string
	for _, name := range lost {
		path := filepath.Join(s.path, name)
		switch name {
		case inventoryFile:
			warnings = append(warnings, path+" is damaged, so what was lost is not known; `interdict state accept` gives it up")
		case receiptKeyFile, memberKeyFile:
			warnings = append(warnings, path+" is gone; restore it, or `interdict state accept` for a new one")
		default:
			warnings = append(warnings, "the coalition "+name+" is gone; enrol again, or `interdict state accept` gives it up")
		}
	}
	secrets := []string{filepath.Join(s.path, receiptKeyFile), filepath.Join(s.path, memberKeyFile)}
	for _, one := range shelves {
		secrets = append(secrets, filepath.Join(one.path, enrolmentFile), filepath.Join(one.path, openedKeysFile))
	}
	if !exists(secrets[0]) && len(shelves) > 0 && !slices.Contains(lost, receiptKeyFile) {
		warnings = append(warnings, secrets[0]+" is gone, so verdicts have no receipts; restore it, or enrol again")
	}
	for _, path := range secrets {
		if found, err := os.Stat(path); err == nil && found.Mode().Perm()&0o077 != 0 {
			warnings = append(warnings, path+" holds secrets and others on this machine may read it; chmod 600")
		}
	}
	return warnings
}
