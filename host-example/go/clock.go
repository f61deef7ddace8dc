package interdict

import (
	"context"
	"fmt"
	"time"
)

// seconds is the time of a call for the module: the given one, or else the clock's.
func seconds(clock func() time.Time, given []time.Time) (uint32, error) {
	var now time.Time
	if len(given) > 0 {
		now = given[0]
	} else {
		now = clock()
	}
	since := now.Unix()
	if since < 0 || since > 1<<32-1 {
		return 0, failure(KindInvalid, "the time is before 1970 or after 2106")
	}
	return uint32(since), nil
}

// wait returns the error of a call that was given up.
func wait(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("given up: %w", err)
	}
	return nil
}
