package interdict

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	receiptKeyFile = "receipt.key"
	memberKeyFile  = "member.key"
	inventoryFile  = "inventory.txt"
	enrolmentFile  = "enrolment.json"
	// maxInventory is more than 64 coalitions with the longest names.
	maxInventory = 4 << 10
)

// inventory names what must not vanish unnoticed: the secrets and coalitions of a state directory, in the
// order of their bytes.
type inventory []string

// readInventory reads the text; false for any other, such as one that was cut.
func readInventory(text string) (inventory, bool) {
	lines := strings.Split(text, "\n")
	var names inventory
	for _, name := range lines[1:] {
		if name == receiptKeyFile || name == memberKeyFile || isCoalition(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	return names, names.text() == text
}

func (i inventory) text() string {
	text := fmt.Sprintf("interdict-inventory-1 %d\n", len(i))
	for _, name := range i {
		text += name + "\n"
	}
	return text
}

// inventory reads what the directory held once; false if that is not known any more.
func (s *Store) inventory() (inventory, bool) {
	text, err := readFile(filepath.Join(s.path, inventoryFile), maxInventory)
	if err != nil {
		return nil, false
	}
	if text == nil {
		return nil, true
	}
	return readInventory(string(text))
}

// contents is what is there now, whether or not it can be read.
func (s *Store) contents() (inventory, error) {
	entries, err := os.ReadDir(s.path)
	if err != nil {
		return nil, failure(KindStoreDamaged, "%s: %w", s.path, withoutPath(err))
	}
	var here inventory
	for _, entry := range entries {
		name := entry.Name()
		if isCoalition(name) && exists(filepath.Join(s.path, name, enrolmentFile)) {
			here = append(here, name)
		}
		if name == receiptKeyFile || name == memberKeyFile {
			here = append(here, name)
		}
	}
	slices.Sort(here)
	return here, nil
}

// lost names what the directory held once and lacks now, and the inventory itself if it cannot be read.
func (s *Store) lost() ([]string, error) {
	known, isWhole := s.inventory()
	if !isWhole {
		return []string{inventoryFile}, nil
	}
	here, err := s.contents()
	if err != nil {
		return nil, err
	}
	var lost []string
	for _, name := range known {
		if !slices.Contains(here, name) {
			lost = append(lost, name)
		}
	}
	return lost, nil
}

// takeStock adds to the inventory what is new in the directory. One that is damaged stays, because what it
// held is not known. The caller has the exclusive lock.
func (s *Store) takeStock() error {
	known, isWhole := s.inventory()
	if !isWhole {
		return nil
	}
	here, err := s.contents()
	if err != nil {
		return err
	}
	all := append(slices.Clone(known), here...)
	slices.Sort(all)
	all = slices.Compact(all)
	if slices.Equal(all, known) {
		return nil
	}
	return writeFile(s.path, inventoryFile, []byte(all.text()))
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
