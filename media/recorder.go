package media

import (
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"dozvon/audio"
)

// blockFrames is how much of a recording travels to the disk at once: 0.5 s.
const blockFrames = 25

// recordFile is where a recording goes; an os.File, but for tests.
type recordFile interface {
	io.WriterAt
	io.Closer
}

// recording is a file being written.
type recording struct {
	path    string
	from    int64       // the session's period at the file's beginning; the wheel's
	dropped atomic.Bool // a block found no room; set by the wheel

	// The writer's own.
	file   recordFile // nil: not opened yet, or it could not be
	err    error      // why it could not be
	frames int64      // length so far
	failed bool       // a fault has been logged
}

// block is a piece of a recording on its way to the writer: sound as it went
// over the wire, a byte a sample.
type block struct {
	rec   *recording
	count *counters
	law   audio.Law
	first int64 // the place of the first frame in the recording
	n     int   // frames
	rx    [blockFrames * frameBytes]byte
	tx    [blockFrames * frameBytes]byte
}

func createRecording(path string) (recordFile, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("media: cannot record: %w; create the folder or choose another", err)
	}
	h := audio.WAVHeader(2, 0)
	if _, err := f.WriteAt(h[:], 0); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("media: cannot record: %w; free space on that disk", err)
	}
	return f, nil
}

// keep adds this period's sound of both directions to the recording.
func (s *Session) keep(rx *[frameBytes]byte) {
	if s.recording == nil {
		return
	}
	at := s.period - s.recording.from
	if b := s.block; b != nil && (b.n == blockFrames || b.law != s.remote.Law || at != b.first+int64(b.n)) {
		s.passBlock()
	}
	if s.block == nil {
		b := s.wheel.engine.writer.block()
		b.rec, b.count, b.law, b.first, b.n = s.recording, &s.count, s.remote.Law, at, 0
		s.block = b
	}
	b := s.block
	copy(b.rx[b.n*frameBytes:], rx[:])
	copy(b.tx[b.n*frameBytes:], s.sent[:])
	b.n++
}

// passBlock hands the block that is being filled to the writer.
func (s *Session) passBlock() {
	if s.block != nil {
		s.wheel.engine.writer.put(s.block)
		s.block = nil
	}
}

// stopRecording hands over what is left of the recording and has it closed;
// then, which may be nil, runs on the writer afterwards.
func (s *Session) stopRecording(then func()) {
	s.passBlock()
	rec := s.recording
	s.recording = nil
	s.wheel.engine.writer.finish(rec, then)
}
