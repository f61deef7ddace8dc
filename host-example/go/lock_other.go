//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package interdict

import (
	"errors"
	"os"
)

const openFlags = 0

// tryLock fails: docs/store.md locks with flock, which this system has not. Reading needs no lock.
func tryLock(*os.File, bool) (bool, error) {
	return false, errors.New("this system has no flock; refresh on another and copy the directory")
}

func inode(os.FileInfo) uint64 { return 0 }
