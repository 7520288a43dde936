package media

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"dozvon/audio"
)

// channels reads a recording: received, sent.
func channels(t *testing.T, path string) (rx, tx []int16) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	ch, err := audio.ReadChannels(f)
	if err != nil {
		t.Fatal(err)
	}
	if len(ch) != 2 {
		t.Fatalf("%d channels, want 2", len(ch))
	}
	return ch[0], ch[1]
}

// wait waits until a session has ended and its recording is complete.
func wait(t testing.TB, s *Session) {
	t.Helper()
	select {
	case <-s.Done():
	case <-time.After(10 * time.Second):
		t.Fatal("the session did not end within 10 s")
	}
}

func (l *lab) close(s *Session) {
	l.t.Helper()
	if err := s.Close(); err != nil {
		l.t.Fatal(err)
	}
	l.wheel.apply(l.now)
	wait(l.t, s)
}

func TestRecordsBothVoicesApart(t *testing.T) {
	l := newLab(t)
	path := filepath.Join(t.TempDir(), "call.wav")
	a, b, _, _ := l.pair(audio.ULaw, 101, Options{})
	if err := a.Record(path); err != nil {
		t.Fatal(err)
	}
	a.Play(PlayOptions{}, tone(400, time.Second))
	l.run(time.Second)
	b.Play(PlayOptions{}, tone(1000, time.Second))
	l.run(1500 * time.Millisecond)
	l.close(a)
	rx, tx := channels(t, path)
	if got := audio.Duration(len(rx)); got != 2500*time.Millisecond {
		t.Errorf("%v recorded, want 2.5s", got)
	}
	if !audio.HasTone(tx, 400) || audio.HasTone(tx, 1000) {
		t.Error("the right channel must hold what was sent, and that alone")
	}
	if !audio.HasTone(rx, 1000) || audio.HasTone(rx, 400) {
		t.Error("the left channel must hold what was received, and that alone")
	}
	// b began when a ended: the channels are aligned to the jitter buffer's depth.
	early := audio.ToneTime(rx[:audio.Rate], 1000)
	if early > 0 || !audio.HasTone(rx[audio.Rate:audio.Rate+3000], 1000) {
		t.Errorf("the channels are not aligned: %v of the answer before the question ended", early)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v: recordings are for their owner alone", info.Mode(), err)
	}
}

// TestRecordingReadableAtAnyMoment is a kill -9: the file as it lies on the
// disk is read without any farewell to it.
func TestRecordingReadableAtAnyMoment(t *testing.T) {
	l := newLab(t)
	a, _, _, _ := l.pair(audio.ALaw, 101, Options{})
	f := &memory{wrote: make(chan int, 100)}
	a.record(&recording{path: "memory", file: f})
	a.Play(PlayOptions{}, tone(400, 10*time.Second))
	l.run(3 * time.Second)
	for range 2 * 5 { // block and header, five blocks of 0.5 s
		<-f.wrote
	}
	c, err := audio.ReadWAV(bytes.NewReader(f.bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if d := c.Duration(); d < 2500*time.Millisecond {
		t.Errorf("%v readable of 3 s", d)
	}
}

// memory is a recording's file that a test holds.
type memory struct {
	mu    sync.Mutex
	b     []byte
	wrote chan int      // gets the length of each write, if there is room
	hold  chan struct{} // if set, writes wait for it
	fail  error
}

func (m *memory) WriteAt(p []byte, off int64) (int, error) {
	if m.hold != nil {
		<-m.hold
	}
	defer func() {
		select {
		case m.wrote <- len(p):
		default:
		}
	}()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return 0, m.fail
	}
	if need := int(off) + len(p); need > len(m.b) {
		m.b = append(m.b, make([]byte, need-len(m.b))...)
	}
	return copy(m.b[off:], p), nil
}

func (m *memory) Close() error { return nil }

func (m *memory) bytes() []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	return bytes.Clone(m.b)
}

func TestFullDiskDoesNotEndTheCall(t *testing.T) {
	l := newLab(t)
	var log strings.Builder
	l.engine.writer.log = logTo(&log)
	a, b, _, eb := l.pair(audio.ALaw, 101, Options{})
	a.record(&recording{path: "disk.wav", file: &memory{fail: errors.New("no space left on device")}})
	l.run(3 * time.Second)
	a.SendDigits("12")
	l.run(time.Second)
	l.close(a)
	if st := a.Stats(); st.Sent != 200 || st.Unrecorded != 200 {
		t.Errorf("%+v", st)
	}
	if eb.digits() != "12" || b.Stats().Received != 200 {
		t.Error("the call suffered from the disk")
	}
	if n := strings.Count(log.String(), "disk.wav"); n != 1 {
		t.Errorf("%d log lines, want one that names the file: %s", n, log.String())
	}
}

// TestSlowDiskLosesSoundAndNothingElse stalls the disk for longer than the
// writer's memory reaches; what comes after is at its right place again.
func TestSlowDiskLosesSoundAndNothingElse(t *testing.T) {
	l := newLab(t)
	var log strings.Builder
	l.engine.writer.log = logTo(&log)
	const limit = 40
	l.engine.writer.limit = limit
	a, b, _, _ := l.pair(audio.ALaw, 101, Options{})
	f := &memory{hold: make(chan struct{})}
	a.record(&recording{path: "slow", file: f})
	stall := (limit + 10) * blockFrames
	for range stall {
		l.turn()
	}
	if st := b.Stats(); st.Received != uint64(stall-1) && st.Received != uint64(stall) {
		t.Errorf("%d packets arrived of %d sent while the disk stalled", st.Received, stall)
	}
	lost := a.Stats().Unrecorded
	if lost == 0 || lost > 12*blockFrames {
		t.Errorf("%d frames unrecorded", lost)
	}
	close(f.hold)
	for l.engine.writer.backlog.Load() > 0 {
		<-f.ready()
	}
	a.Play(PlayOptions{}, tone(400, time.Second))
	l.run(time.Second)
	l.close(a)
	ch, err := audio.ReadChannels(bytes.NewReader(f.bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if want := (stall + 50) * frameBytes; len(ch[1]) != want {
		t.Fatalf("%d samples recorded, want %d", len(ch[1]), want)
	}
	if !audio.HasTone(ch[1][stall*frameBytes:], 400) {
		t.Error("what came after the stall is not at its place")
	}
	if n := strings.Count(log.String(), "too slow"); n != 1 {
		t.Errorf("%d log lines, want one: %s", n, log.String())
	}
}

// ready is closed at once: waiting for it lets the writer run.
func (m *memory) ready() chan struct{} {
	c := make(chan struct{})
	go func() { m.bytes(); close(c) }()
	return c
}

func TestRecordFaultsAndRestarts(t *testing.T) {
	l := newLab(t)
	s, _ := l.open(Options{})
	f := newFar(t, s)
	s.SetRemote(f.remote())
	if err := s.Record(filepath.Join(t.TempDir(), "no", "such", "folder.wav")); err == nil || !strings.Contains(err.Error(), "folder") {
		t.Errorf("error %v: want one that names the folder", err)
	}
	dir := t.TempDir()
	one, two := filepath.Join(dir, "1.wav"), filepath.Join(dir, "2.wav")
	for _, path := range []string{one, two} {
		if err := s.Record(path); err != nil {
			t.Fatal(err)
		}
		l.run(700 * time.Millisecond)
	}
	s.StopRecord()
	l.run(700 * time.Millisecond)
	l.close(s)
	for _, path := range []string{one, two} {
		if rx, _ := channels(t, path); audio.Duration(len(rx)) != 700*time.Millisecond {
			t.Errorf("%s: %v, want 700ms", path, audio.Duration(len(rx)))
		}
	}
	if err := s.Record(one); err == nil {
		t.Error("a closed session records")
	}
}

// TestHangingDisk: a disk that answers nothing keeps no call waiting, at its
// beginning, while it lasts and at its end, nor the program's end; one that
// comes back in time has the recording.
func TestHangingDisk(t *testing.T) {
	l := newLab(t)
	w := l.engine.writer
	w.patience = 10 * time.Millisecond
	stuck := &memory{hold: make(chan struct{})}
	a, b, _, _ := l.pair(audio.ALaw, 101, Options{})
	a.record(&recording{path: "stuck", file: stuck})
	l.run(600 * time.Millisecond)
	path := filepath.Join(t.TempDir(), "later.wav")
	began := time.Now()
	if err := b.Record(path); err != nil {
		t.Error(err)
	}
	if d := time.Since(began); d > 2*time.Second {
		t.Errorf("a call waited %v for the disk", d)
	}
	b.Play(PlayOptions{}, tone(400, time.Second))
	l.run(time.Second)
	if st := a.Stats(); st.Sent != 80 {
		t.Errorf("%+v", st)
	}
	w.stop() // comes back although the disk does not
	close(stuck.hold)
	<-w.done
	if _, tx := channels(t, path); !audio.HasTone(tx, 400) {
		t.Error("the recording that the disk was late for lacks the call")
	}
}
