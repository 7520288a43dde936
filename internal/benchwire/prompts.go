package benchwire

import "time"

// LevelA and LevelB are the sounds of prompts whose succession can be heard to
// the sample: a constant each. Silence between two prompts is neither.
const (
	LevelA int16 = 6000
	LevelB int16 = -6000
)

// Codes of the levels in G.711 A-law (ITU-T G.711, table 1a).
const (
	codeA = 0x82
	codeB = 0x02
)

// steady is how many samples of a level in a row are a prompt: a tone has a
// few of them at its crests.
const steady = 40

// succession notes how long a call was silent between two prompts.
type succession struct {
	prompt byte // the level of the prompt heard last; 0: none yet
	level  byte // of the samples heard now
	run    int  // how many of them came in a row
	quiet  int  // samples between the prompt and them
}

// add takes a payload and adds to the gaps.
func (s *succession) add(payload []byte, g *gaps) {
	for _, c := range payload {
		switch {
		case c == s.level:
			s.run++
		case c == codeA || c == codeB:
			s.quiet += s.run
			s.level, s.run = c, 1
		default:
			s.quiet += s.run + 1
			s.level, s.run = 0, 0
		}
		if s.run < steady && c != s.prompt || c != codeA && c != codeB {
			continue
		}
		if s.prompt != 0 && s.prompt != c {
			gap := time.Duration(s.quiet) * sample
			g.changes++
			g.spread.add(gap)
			g.worst = max(g.worst, gap)
		}
		s.prompt, s.quiet, s.run = c, 0, 0
	}
}

// gaps are the silences between prompts, of all calls.
type gaps struct {
	changes uint64
	worst   time.Duration
	spread  spread
}
