package calls

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"dozvon/dialer"
)

// earlyFor bounds the recording of what the network says before an answer: an
// announcement repeats by then.
const earlyFor = 30 * time.Second

// earlyOver ends that recording.
type earlyOver struct{}

// EarlyRecording is the file, below the folder of recordings, of what an
// attempt heard before its answer. It is there only where the scenario records
// and no person answered.
func EarlyRecording(id dialer.AttemptID) string {
	return filepath.Join("recordings", fmt.Sprintf("%d-early.wav", id))
}

// Recording is the file, below the folder of recordings, of a call from its
// answer on.
func Recording(id dialer.AttemptID) string {
	return filepath.Join("recordings", fmt.Sprintf("%d.wav", id))
}

// recordEarly records the first 30 s of early media, so that an announcement
// can be learned from it. A disk that refuses it is told of at the answer.
func (c *call) recordEarly() {
	if c.earlyFile != "" || c.answered || c.quitting || !c.scenario.Call.Record || c.cfg.Recordings == "" {
		return
	}
	path := filepath.Join(c.cfg.Recordings, EarlyRecording(c.attempt.ID))
	if os.MkdirAll(filepath.Dir(path), 0o755) != nil || c.media.Record(path) != nil {
		return
	}
	c.earlyFile = path
	c.timers = append(c.timers, time.AfterFunc(earlyFor, func() { c.box.Put(earlyOver{}) }))
}

// earlyOver ends the recording unless the answer has done so.
func (c *call) earlyOver() {
	if !c.answered {
		c.media.StopRecord()
	}
}

// dropEarly removes the early recording of a call that a person answered, and
// one in which nothing was heard. The session is closed by then.
func (c *call) dropEarly() {
	if c.earlyFile == "" {
		return
	}
	heard, person := c.media.Stats().Received, false
	if c.answered {
		heard, person = c.early, c.result.Verdict == "" || c.result.Verdict == dialer.VerdictHuman
	}
	if heard > 0 && !person {
		return
	}
	// The file is removed once nobody writes to it; a disk that hangs keeps
	// nobody waiting.
	written := c.media.Done()
	c.k.calls.Go(func() {
		patience := time.NewTimer(5 * time.Second)
		defer patience.Stop()
		select {
		case <-written:
		case <-patience.C:
		}
		_ = os.Remove(c.earlyFile)
	})
}
