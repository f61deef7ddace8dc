package interdict

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// stamp changes when anything is replaced that instances are built from. It opens no file.
func (s *Store) stamp() string {
	var stamp strings.Builder
	add := func(path string) {
		if found, err := os.Stat(path); err == nil {
			fmt.Fprintln(&stamp, path, found.ModTime().UnixNano(), found.Size(), inode(found))
		}
	}
	entries, err := os.ReadDir(s.path)
	if err != nil {
		fmt.Fprintln(&stamp, "unreadable")
	}
	for _, entry := range entries {
		path := filepath.Join(s.path, entry.Name())
		switch name := entry.Name(); {
		case name == receiptKeyFile:
			add(path)
		case name == "overrides" || name == "clearances":
			stamp.WriteString(folderStamp(path))
		case isCoalition(name):
			for _, file := range []string{currentFile, historyFile, enrolmentFile, openedKeysFile} {
				add(filepath.Join(path, file))
			}
		}
	}
	return stamp.String()
}

// folderStamp changes with the names and the files of one folder.
func folderStamp(path string) string {
	var stamp strings.Builder
	entries, _ := os.ReadDir(path)
	for _, entry := range entries {
		if found, err := entry.Info(); err == nil && !strings.HasPrefix(entry.Name(), ".") {
			fmt.Fprintln(&stamp, path, entry.Name(), found.ModTime().UnixNano(), found.Size(), inode(found))
		}
	}
	return stamp.String()
}
