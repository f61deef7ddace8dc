//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package interdict

import (
	"errors"
	"os"
	"syscall"
)

// openFlags keep opening a named pipe from waiting, and a terminal from becoming this process's own.
const openFlags = syscall.O_NONBLOCK | syscall.O_NOCTTY

// tryLock asks once; false without an error if another has the lock.
func tryLock(file *os.File, isShared bool) (bool, error) {
	how := syscall.LOCK_EX
	if isShared {
		how = syscall.LOCK_SH
	}
	for {
		err := syscall.Flock(int(file.Fd()), how|syscall.LOCK_NB)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EWOULDBLOCK):
			return false, nil
		}
		return err == nil, err
	}
}

// inode is a file's number, which changes when another is renamed over it.
func inode(info os.FileInfo) uint64 {
	if system, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(system.Ino)
	}
	return 0
}
