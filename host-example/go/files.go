package interdict

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Files of the state directory are whole or absent: each is written under another name, forced to the disk and
// renamed, and then its directory is forced to the disk (docs/store.md, Writing).

const (
	// lockPatience is how long to ask for a lock: nobody waits for another process.
	lockPatience = 200 * time.Millisecond
	lockPause    = 10 * time.Millisecond
	// staged begins the name of an incomplete file. No name from a module starts with a dot.
	staged = ".staged-"
)

var errNotAFile = errors.New("it is no regular file")

// isSafeName reports whether a name from the module stays in its directory (docs/store.md, Names).
func isSafeName(name string) bool {
	if len(name) < 1 || len(name) > 200 || name[0] == '.' || strings.Contains(name, "..") {
		return false
	}
	for _, letter := range []byte(name) {
		isPlain := letter >= 'a' && letter <= 'z' || letter >= '0' && letter <= '9'
		if !isPlain && !strings.ContainsRune(".-_%", rune(letter)) {
			return false
		}
	}
	return true
}

// isCoalition reports whether a name can be a coalition's.
func isCoalition(name string) bool {
	if len(name) < 1 || len(name) > 32 || name[0] == '-' || name[len(name)-1] == '-' {
		return false
	}
	return isSafeName(name) && !strings.ContainsAny(name, "._%")
}

// openRegular opens a file. A named pipe, device or directory in its place is an error at once: opening waits
// for nobody.
func openRegular(path string, flags int) (*os.File, error) {
	file, err := os.OpenFile(path, flags|openFlags, 0o600)
	if err != nil {
		return nil, withoutPath(err)
	}
	found, err := file.Stat()
	if err == nil && !found.Mode().IsRegular() {
		err = errNotAFile
	}
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return file, nil
}

// withoutPath leaves out the path that a system's error names: the caller names it in its own way.
func withoutPath(err error) error {
	var of *fs.PathError
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}

// readFile reads a file of at most this many bytes; nil without an error if there is none.
func readFile(path string, most int64) ([]byte, error) {
	file, err := openRegular(path, os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, failure(KindStoreDamaged, "%s: %w", path, err)
	}
	defer func() { _ = file.Close() }()
	bytes, err := io.ReadAll(io.LimitReader(file, most+1))
	if err != nil {
		return nil, failure(KindStoreDamaged, "%s: %w", path, withoutPath(err))
	}
	if int64(len(bytes)) > most {
		return nil, failure(KindStoreDamaged, "%s is larger than it can be", path)
	}
	if bytes == nil {
		bytes = []byte{}
	}
	return bytes, nil
}

// writeFile replaces a file in one step. A directory of that name is removed.
func writeFile(directory, name string, bytes []byte) error {
	half, path := filepath.Join(directory, staged+name), filepath.Join(directory, name)
	if err := os.RemoveAll(half); err != nil {
		return unwritten(path, err)
	}
	if err := createFile(half, bytes); err != nil {
		return unwritten(path, err)
	}
	if found, err := os.Lstat(path); err == nil && found.IsDir() {
		if err := os.RemoveAll(path); err != nil {
			return unwritten(path, err)
		}
	}
	if err := os.Rename(half, path); err != nil {
		return unwritten(path, err)
	}
	return syncDirectory(directory)
}

// createFile makes a file that only its owner can read: it may hold a key, and lists are confidential too.
func createFile(path string, bytes []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(bytes)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// linkOrCopy gives a file that never changes a second name, as a copy where the file system has no links.
func linkOrCopy(from, to string) error {
	if os.Link(from, to) == nil {
		return nil
	}
	bytes, err := readFile(from, maxFile)
	if err != nil {
		return err
	}
	if bytes == nil {
		return failure(KindStoreDamaged, "%s is gone", from)
	}
	if err := createFile(to, bytes); err != nil {
		return unwritten(to, err)
	}
	return nil
}

// makeDirectory makes a directory that only its owner can enter, in place of anything else with its name.
func makeDirectory(path string) error {
	if found, err := os.Stat(path); err == nil && !found.IsDir() {
		if err := os.Remove(path); err != nil {
			return unwritten(path, err)
		}
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return unwritten(path, err)
	}
	return nil
}

// syncDirectory forces a directory to the disk: a rename or a new file is there only when its directory is.
func syncDirectory(path string) error {
	directory, err := os.Open(path)
	if err == nil {
		err = errors.Join(directory.Sync(), directory.Close())
	}
	if err != nil {
		return unwritten(path, err)
	}
	return nil
}

func unwritten(path string, err error) error {
	return failure(KindStoreDamaged, "%s cannot be written: %w", path, withoutPath(err))
}

// takeLock takes the lock that a file stands for, and asks until its patience is over. Closing the file gives
// it back.
func takeLock(path string, isShared bool, patience time.Duration) (*os.File, error) {
	file, err := openRegular(path, os.O_CREATE|os.O_WRONLY)
	if err != nil {
		return nil, failure(KindStoreDamaged, "%s: %w", path, err)
	}
	for end := time.Now().Add(patience); ; time.Sleep(lockPause) {
		taken, err := tryLock(file, isShared)
		if taken {
			return file, nil
		}
		if err != nil || !time.Now().Before(end) {
			_ = file.Close()
			if err != nil {
				return nil, failure(KindStoreDamaged, "%s cannot be locked: %w", path, err)
			}
			return nil, failure(KindStoreBusy, "another process changes %s", filepath.Dir(path))
		}
	}
}
