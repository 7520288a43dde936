//go:build !linux || !(amd64 || arm64)

package media

import "time"

func runOnThread(f func(), done chan struct{}) {
	go func() { defer close(done); f() }()
}

func giveWay() {}

func sleepThread(until time.Time) { sleepGoroutine(until) }

// restingThread rests as a goroutine does.
type restingThread struct{ ops <-chan struct{} }

func (r *restingThread) rest() { <-r.ops }
func (r *restingThread) wake() {}
