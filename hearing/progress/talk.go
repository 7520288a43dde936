package progress

const (
	talkOn   = 4  // sounding frames of the last six that make speech begin
	talkJoin = 12 // frames of pause (240 ms) that speech bridges: they count as speech
	// talkWord is the pause that parts two words as they are counted, 60 ms.
	talkWord = 3
	// Speech rises and falls by talkRange decibels at least, from one block of
	// sounding frames to another; noise that has just begun, and steady sounds, don't.
	talkRange  = 1.7
	talkBlock  = 8
	talkBlocks = 8 // needed to tell
)

// talk measures what is said: how long, with what pauses.
type talk struct {
	recent    uint8 // bit i: frame now-i sounded
	on        bool  // within an utterance
	began     int   // frame in which the first utterance began
	spoken    int   // frames of speech, pauses up to talkJoin included
	words     int   // stretches of sound with talkWord or more between
	pause     int   // frames since the last sound
	longest   int   // pause between sounds so far
	sounded   int
	sum       float32 // of the levels of the block of sounding frames in progress
	high, low float32 // the loudest and the weakest block
	blocks    int
	inBlock   int
	lastDB    float32
	start     int // frame in which the stretch without a long pause began
}

// heard reports whether anybody has spoken.
func (t *talk) heard() bool { return t.spoken > 0 }

// hear takes a frame: whether it sounds, and its level.
func (t *talk) hear(at int, sounds bool, db float32) {
	t.recent <<= 1
	if sounds {
		t.recent |= 1
		t.follow(db)
	}
	t.lastDB = db
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
	if !sounds || t.recent&3 != 3 && t.pause > 1 { // a single frame ends no pause
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

// follow gathers the levels of sounding frames in blocks.
func (t *talk) follow(db float32) {
	t.sum += db
	if t.inBlock++; t.inBlock < talkBlock {
		return
	}
	mean := t.sum / talkBlock
	if t.blocks == 0 {
		t.high, t.low = mean, mean
	}
	t.high, t.low = max(t.high, mean), min(t.low, mean)
	t.blocks++
	t.sum, t.inBlock = 0, 0
}

// steady reports whether what sounds is no speech: it keeps its level.
func (t *talk) steady() bool { return t.blocks >= talkBlocks && t.high-t.low < talkRange }

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
