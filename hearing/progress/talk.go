package progress

const (
	talkOn   = 4  // sounding frames of the last six that make speech begin
	talkJoin = 10 // frames of pause (200 ms) that speech bridges: they count as speech
	// talkWord is the pause that parts two words as they are counted, 60 ms.
	talkWord = 3
	// talkMoves is the mean change of level between frames of speech, in
	// decibels, at least. Noise that has just begun, and steady sounds, have less.
	talkMoves = 1.7
	steadyRun = 25 // frames of steady sound before it is taken for noise
)

// talk measures what is said: how long, with what pauses.
type talk struct {
	recent  uint8 // bit i: frame now-i sounded
	on      bool  // within an utterance
	began   int   // frame in which the first utterance began
	spoken  int   // frames of speech, pauses up to talkJoin included
	words   int   // stretches of sound with talkWord or more between
	pause   int   // frames since the last sound
	longest int   // pause between sounds so far
	sounded int
	moved   float32 // sum of changes of level between sounding frames
	moves   int
	lastDB  float32
	linked  bool // the frame before sounded
	start   int  // frame in which the stretch without a long pause began
}

// heard reports whether anybody has spoken.
func (t *talk) heard() bool { return t.spoken > 0 }

// hear takes a frame: whether it sounds, and its level.
func (t *talk) hear(at int, sounds bool, db float32) {
	t.recent <<= 1
	if sounds {
		t.recent |= 1
		if t.linked {
			t.moved += abs(db - t.lastDB)
			t.moves++
		}
	}
	t.linked, t.lastDB = sounds, db
	if t.on {
		t.goOn(at, sounds)
		return
	}
	t.pause++
	if n := ones(t.recent & 0x3f); sounds && n >= talkOn {
		t.resume(at, n)
	}
}

// resume begins an utterance, or one more after a pause.
func (t *talk) resume(at, n int) {
	t.on = true
	back := 0
	for i := range 6 {
		if t.recent>>i&1 == 1 {
			back = i
		}
	}
	if t.spoken == 0 {
		t.began = at - back
	} else {
		t.longest = max(t.longest, t.pause-back)
	}
	t.start = at - back
	t.spoken += back + 1
	t.sounded += n
	t.words++
	t.pause = 0
}

func (t *talk) goOn(at int, sounds bool) {
	if !sounds {
		if t.pause++; t.pause > talkJoin {
			t.on = false
			t.recent = 0
		}
		return
	}
	if t.pause >= talkWord {
		t.words++
	}
	t.longest = max(t.longest, t.pause)
	t.spoken += t.pause + 1
	t.sounded++
	t.pause = 0
}

// restless reports whether the level has moved as that of speech does.
func (t *talk) restless() bool {
	return t.moves == 0 || t.moved >= talkMoves*float32(t.moves)
}

func ones(b uint8) (n int) {
	for ; b != 0; b &= b - 1 {
		n++
	}
	return n
}

// forget drops what was taken for speech and was the edge of the tone that
// began in frame tone.
func (t *talk) forget(tone int) {
	if t.spoken > 0 && t.sounded <= 8 && t.began >= tone-8 {
		*t = talk{}
	}
}
