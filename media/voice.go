package media

import (
	"math"
	"math/bits"
	"time"

	"dozvon/audio"
)

// Limits of the detector of speech. Energies are mean squares of 16 bit
// samples.
const (
	// voiceLeast is 46 dB under full scale: a weak speaker on a long line has
	// some 40, an idle line 55 and less.
	voiceLeast = 27_000
	// voiceAboveFloor is 9 dB: what speech stands out by from the line's noise
	// at least, and what noise itself never swings by within 20 ms.
	voiceAboveFloor = 8
	floorLeast      = voiceLeast / voiceAboveFloor
	// voiceFrames make speech, 140 ms: a syllable, and longer than a click, a
	// cough's onset or a key that is let go.
	voiceFrames = 7
	// voiceMoves is how often within eight frames the energy has moved by voiceMove, a
	// factor in eighths (2 dB), from one frame to the next. Speech does all the
	// time, tones and steady noise never do.
	voiceMoves = 3
	voiceMove  = 13
	// voiceRange is 6 dB: what lies between the loudest and the weakest frame
	// of a run of speech at least. Noise that begins all at once has less.
	voiceRange = 4
	// voiceHangover is how long speech may pause between words, 400 ms.
	voiceHangover = 20

	// echoReach is how far back what we have sent may come back as an echo: 480
	// ms, of which 300 are the line's, and the rest that of jitter buffers.
	echoReach = 24
	// An echo is expected at 18 dB under what was sent until the line is known,
	// never above 12 and never below 36, in parts of 65,536; what exceeds it by
	// echoMargin, 6 dB, is not the echo alone.
	echoFirst  = 1024
	echoMost   = 4096
	echoLeast  = 16
	echoMargin = 4
	echoHeard  = 27_000 // what we send must be this loud to tell anything of the line
)

// squares holds the square of each byte's sample, by law.
var squares = func() (t [2][256]uint32) {
	for law := range t {
		for i := range 256 {
			var pcm [1]int16
			audio.Decode(audio.Law(law), pcm[:], []byte{byte(i)})
			t[law][i] = uint32(int32(pcm[0]) * int32(pcm[0]))
		}
	}
	return t
}()

// energy is the mean square of a frame, by every second sample of it.
func energy(law audio.Law, frame *[frameBytes]byte) uint32 {
	t := &squares[law&1]
	var sum uint64
	for i := 0; i < frameBytes; i += 4 {
		sum += uint64(t[frame[i]]) + uint64(t[frame[i+2]])
	}
	return uint32(sum / (frameBytes / 2))
}

// decibels turns a mean square into decibels below full scale.
func decibels(energy uint32) float64 {
	return 10 * math.Log10(max(float64(energy), 1)/(1<<30))
}

// voiceChange is what a frame changed.
type voiceChange uint8

const (
	voiceSame voiceChange = iota
	voiceBegan
	voiceEnded
)

// voice notices when the far end speaks, by energy: above the line's noise,
// above the echo of what we send, for long enough, and as restless as speech
// is. It is fed a frame's energies every 20 ms and reads no clock.
type voice struct {
	floor    uint32 // of the line's noise
	before   uint32 // the frame before
	score    uint8  // frames of speech so far, up to voiceFrames; fewer for others
	moves    uint8  // bit i: the energy moved i frames ago, in this run
	echo     uint16 // the line's echo, as a share of what is sent
	sentAt   uint8
	speaking bool
	pause    uint8  // frames since the last of speech
	length   uint32 // frames since speech began
	loudest  uint32
	weakest  uint32 // of the run, but for its first frame, in which it may have begun
	sent     [echoReach]uint32
	loud     uint32 // the loudest of sent
}

// step takes what came and what we sent in the period before. noise says that
// the frame is no sound of the far end.
func (v *voice) step(heard, sent uint32, noise bool) voiceChange {
	return v.detect(v.follow(heard, sent, noise))
}

// follow learns the line from a frame, and returns what may be speech in it
// and whether it is.
func (v *voice) follow(heard, sent uint32, noise bool) (uint32, bool) {
	if v.floor == 0 {
		v.floor, v.echo, v.weakest = floorLeast, echoFirst, math.MaxUint32
	}
	v.sent[v.sentAt] = sent
	v.sentAt = (v.sentAt + 1) % echoReach
	v.loud = 0
	for _, e := range v.sent {
		v.loud = max(v.loud, e)
	}
	if noise {
		heard = 0
	}
	bar := max(v.floor*voiceAboveFloor, voiceLeast, v.comesBack()*echoMargin)
	spoken := heard > bar
	v.learn(heard, v.loud, spoken, noise)
	return heard, spoken
}

// comesBack is the energy of the echo that is expected of what we have sent.
func (v *voice) comesBack() uint32 { return uint32(uint64(v.loud) * uint64(v.echo) >> 16) }

// mayEcho is comesBack for listeners: 0 when nothing was sent.
func (v *voice) mayEcho() uint32 {
	if v.loud < echoHeard {
		return 0
	}
	return v.comesBack()
}

// detect looks for the beginning and the end of speech.
func (v *voice) detect(heard uint32, spoken bool) voiceChange {
	v.count(heard, spoken)
	if v.speaking {
		return v.goOn(heard, spoken)
	}
	if v.score < voiceFrames || v.weakest > v.loudest/voiceRange || bits.OnesCount8(v.moves) < voiceMoves {
		return voiceSame
	}
	v.speaking, v.pause, v.length = true, 0, voiceFrames
	return voiceBegan
}

// learn follows the line's noise, quickly down and slowly up, and its echo,
// quickly up and slowly down.
func (v *voice) learn(heard, loud uint32, spoken, noise bool) {
	switch {
	case noise:
	case heard < v.floor:
		v.floor -= (v.floor - heard) / 4
	case spoken || loud > echoHeard:
		v.floor += v.floor >> 8 // what seems to be speech for ten seconds is noise
	default:
		v.floor += (heard - v.floor) / 16
	}
	v.floor = min(max(v.floor, floorLeast), 1<<26)
	if loud < echoHeard || spoken {
		return
	}
	if share := min(uint64(heard)<<16/uint64(loud), echoMost); share > uint64(v.echo) {
		v.echo += uint16(share-uint64(v.echo)+3) / 4
	} else {
		v.echo = max(v.echo-v.echo>>5, echoLeast)
	}
}

// count follows a run of frames that may be speech.
func (v *voice) count(heard uint32, spoken bool) {
	if !spoken {
		v.score -= min(v.score, 2)
		if v.score == 0 && !v.speaking {
			v.moves, v.loudest, v.weakest = 0, 0, math.MaxUint32
		}
		v.before = heard
		return
	}
	low, high := min(heard, v.before), max(heard, v.before)
	v.moves <<= 1
	if v.score > 0 && uint64(high)*8 > uint64(low)*voiceMove {
		v.moves |= 1
	}
	if v.score > 0 {
		v.weakest = min(v.weakest, heard)
	}
	v.score = min(v.score+1, voiceFrames)
	v.loudest = max(v.loudest, heard)
	v.before = heard
}

// goOn waits for the end of speech.
func (v *voice) goOn(heard uint32, spoken bool) voiceChange {
	v.length++
	if v.pause++; spoken {
		v.pause = 0
		v.loudest = max(v.loudest, heard)
	}
	if v.pause < voiceHangover {
		return voiceSame
	}
	v.speaking, v.score, v.moves, v.weakest = false, 0, 0, math.MaxUint32
	return voiceEnded
}

// hearVoice follows the line for those who listen, watches for speech if
// somebody wants to know, and lets it cut what plays if that was asked for.
func (s *Session) hearVoice(now time.Time, rx *[frameBytes]byte) {
	v, law := &s.voice, s.remote.Law
	wanted := s.opt.Voice || s.player.opt.StopOnVoice || v.speaking
	if !wanted && len(s.listeners) == 0 {
		return
	}
	heard, spoken := v.follow(energy(law, rx), energy(law, &s.sent), s.jitter.filling())
	if !wanted {
		return
	}
	switch v.detect(heard, spoken) {
	case voiceBegan:
		d := voiceFrames * framePeriod
		s.emit(Event{Kind: SpeechBegan, At: now, Duration: d, Level: decibels(v.loudest)})
		if s.player.opt.StopOnVoice {
			s.cut(now)
		}
	case voiceEnded:
		d := time.Duration(v.length-voiceHangover) * framePeriod
		s.emit(Event{Kind: SpeechEnded, At: now, Duration: d, Level: decibels(v.loudest)})
		v.loudest = 0
	}
}
