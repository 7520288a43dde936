package media

import (
	"encoding/binary"
	"errors"
	"log/slog"
	"math"
	"sync/atomic"
	"time"

	"dozvon/audio"
	"dozvon/internal/mailbox"
)

// maxBacklog bounds the blocks that wait for the disk: 16 MB, or 32 calls for
// half a minute. What finds no room is left out of the recording, and counted.
const maxBacklog = 2048

// writer writes the recordings of an engine from one goroutine of its own. A
// disk that stalls or is full costs silence in recordings, never a packet.
type writer struct {
	in      *mailbox.Box[parcel]
	free    chan *block
	backlog atomic.Int64
	limit   int64 // of backlog
	handled atomic.Uint64
	done    chan struct{}
	log     *slog.Logger

	patience time.Duration // of stop
	out      [blockFrames * frameBytes * 4]byte
}

// parcel is a block to write, or else a recording to open and whom to tell, or
// else one to close (which may be nil) and what to do then, or else the word
// to stop.
type parcel struct {
	block  *block
	rec    *recording
	opened chan error
	then   func()
	stop   bool
}

func startWriter(log *slog.Logger) *writer {
	w := &writer{in: mailbox.New[parcel](), free: make(chan *block, maxBacklog), limit: maxBacklog, patience: giveUp, done: make(chan struct{}), log: log}
	go w.run()
	return w
}

// block returns an empty block, a used one if there is any.
func (w *writer) block() *block {
	select {
	case b := <-w.free:
		return b
	default:
		return new(block)
	}
}

// recycle keeps a block for later use.
func (w *writer) recycle(b *block) {
	b.rec, b.count = nil, nil
	select {
	case w.free <- b:
	default:
	}
}

// put has a block written, or drops it if too much waits already. It never
// waits itself.
func (w *writer) put(b *block) {
	if w.backlog.Load() >= w.limit {
		b.count.unrecorded.Add(uint64(b.n))
		b.rec.dropped.Store(true) // to be logged by the writer: a log may wait for a disk too
		w.recycle(b)
		return
	}
	w.backlog.Add(1)
	w.in.Put(parcel{block: b})
}

// open has a recording's file created before the blocks that are put after;
// the channel gets what came of it.
func (w *writer) open(rec *recording) <-chan error {
	opened := make(chan error, 1)
	w.in.Put(parcel{rec: rec, opened: opened})
	return opened
}

// finish has a recording closed after the blocks that were put before.
func (w *writer) finish(rec *recording, then func()) {
	if rec == nil && then == nil {
		return
	}
	w.in.Put(parcel{rec: rec, then: then})
}

// giveUp is how long a stopping writer waits for a disk that does nothing.
const giveUp = 5 * time.Second

// stop writes what waits and ends the writer. A disk that hangs does not keep
// the program from ending: what waits for it is lost then.
func (w *writer) stop() {
	w.in.Put(parcel{stop: true})
	check := time.NewTicker(w.patience)
	defer check.Stop()
	for before := w.handled.Load(); ; {
		select {
		case <-w.done:
			return
		case <-check.C:
		}
		now := w.handled.Load()
		if now == before {
			w.log.Error("the disk does not answer; the ends of recordings are lost", "blocks", w.backlog.Load(), "remedy", "repair the disk")
			return
		}
		before = now
	}
}

func (w *writer) run() {
	defer close(w.done)
	var spare []parcel
	for {
		<-w.in.Ready()
		spare = w.in.Take(spare)
		for _, p := range spare {
			if p.stop {
				return
			}
			w.handle(p)
			w.handled.Add(1)
		}
	}
}

func (w *writer) handle(p parcel) {
	switch {
	case p.block != nil:
		w.write(p.block)
		w.backlog.Add(-1)
		w.recycle(p.block)
		return
	case p.opened != nil:
		p.rec.file, p.rec.err = createRecording(p.rec.path)
		p.opened <- p.rec.err
		return
	}
	if p.rec != nil && p.rec.file != nil {
		if err := p.rec.file.Close(); err != nil {
			w.fault(p.rec, err)
		}
	}
	if p.then != nil {
		p.then()
	}
}

// maxFrames is where the sizes in a WAV header end.
const maxFrames = (math.MaxUint32 - audio.WAVHeaderSize) / (4 * frameBytes)

// write puts a block at its place, and then a header that covers it: the file
// can be read at any moment, also after a crash. What failed or was dropped
// before leaves a hole, which reads as silence.
func (w *writer) write(b *block) {
	rec := b.rec
	if rec.dropped.Load() {
		w.fault(rec, errors.New("the disk is too slow"))
	}
	if rec.file == nil {
		b.count.unrecorded.Add(uint64(b.n))
		w.fault(rec, rec.err) // nobody has been told: it took too long
		return
	}
	end := b.first + int64(b.n)
	if end > maxFrames {
		w.fault(rec, errors.New("the WAV format holds no longer recording"))
		return
	}
	_, err := rec.file.WriteAt(w.interleave(b), audio.WAVHeaderSize+b.first*4*frameBytes)
	if err == nil {
		h := audio.WAVHeader(2, uint32(max(end, rec.frames)*4*frameBytes))
		_, err = rec.file.WriteAt(h[:], 0)
	}
	if err != nil {
		b.count.unrecorded.Add(uint64(b.n))
		w.fault(rec, err)
		return
	}
	rec.frames = max(end, rec.frames)
}

// interleave expands a block to 16 bits, received left, sent right.
func (w *writer) interleave(b *block) []byte {
	var rx, tx [frameBytes]int16
	out := w.out[:0]
	for i := range b.n {
		audio.Decode(b.law, rx[:], b.rx[i*frameBytes:][:frameBytes])
		audio.Decode(b.law, tx[:], b.tx[i*frameBytes:][:frameBytes])
		for k := range rx {
			out = binary.LittleEndian.AppendUint16(out, uint16(rx[k]))
			out = binary.LittleEndian.AppendUint16(out, uint16(tx[k]))
		}
	}
	return out
}

// fault logs the first fault of a recording.
func (w *writer) fault(rec *recording, err error) {
	if !rec.failed {
		rec.failed = true
		w.log.Error("a recording has gaps; the call goes on", "file", rec.path, "error", err,
			"remedy", "free space on the disk or repair it")
	}
}
