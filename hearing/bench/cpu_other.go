//go:build !unix

package bench

import "time"

var started = time.Now()

// cpu stands for processor time where the system does not tell it.
func cpu() time.Duration { return time.Since(started) }
