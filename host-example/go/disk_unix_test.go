//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package interdict

import (
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
)

// fullDisk is set in the process whose files have a limit.
const fullDisk = "INTERDICT_FULL_DISK"

// Root may write anywhere, but a limit of the size of files holds for it too. It holds for a process, so a second one
// runs the test.
func TestAFullDiskFailsTheRefreshAndLeavesTheListsAlone(t *testing.T) {
	if os.Getenv(fullDisk) == "" {
		child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
		child.Env = append(os.Environ(), fullDisk+"=1")
		if told, err := child.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, told)
		}
		return
	}
	server, state := serve(t, "sample-1")
	gateway := opened(t, state, private(1))
	refreshed(t, gateway, Updated, fresh)
	server.folder.Store("sample")
	unlimited := limitFiles(t)
	result := refreshed(t, gateway, Failed, fresh)
	unlimited()
	if !strings.Contains(result.Why, syscall.EFBIG.Error()) {
		t.Errorf("failed for another reason: %s", result.Why)
	}
	for where, one := range map[string]*Gateway{"memory": gateway, "directory": opened(t, state, private(1))} {
		if told := releaseOf(t, one); told != 1 {
			t.Errorf("release %d is in the %s", told, where)
		}
	}
	refreshed(t, gateway, Updated, fresh)
	if told := releaseOf(t, gateway); told != 2 {
		t.Errorf("release %d is live when there is room", told)
	}
}

// releaseOf gives the sequence of the only list.
func releaseOf(t *testing.T, gateway *Gateway) int64 {
	t.Helper()
	status, err := gateway.Status(fresh)
	must(t, err)
	return status.Coalitions[0].Lists[0].Sequence
}

// limitFiles keeps this process from writing files in which metadata fits and a list does not. It gives what ends that.
func limitFiles(t *testing.T) func() {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ)
	var limit syscall.Rlimit
	must(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit))
	before := limit.Cur
	limit.Cur = 8 << 10
	must(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit))
	return func() {
		limit.Cur = before
		must(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit))
	}
}
