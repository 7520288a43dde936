package corpus

import (
	"path/filepath"
	"slices"
	"time"

	"dozvon/audio"
)

// Cut is a word out of an utterance of festvox-ru on which recognisers are
// judged. The whole utterance is kept out of training: see Reserved.
type Cut struct {
	Word      string
	Utterance string // its ID
	From, To  time.Duration
}

// PCM reads the cut at audio.Rate, with margin of what stands before and
// after it, as far as the utterance goes.
func (c Cut) PCM(margin time.Duration) ([]int16, error) {
	if err := Missing(FestvoxRU); err != nil {
		return nil, err
	}
	pcm, err := load(filepath.Join(festvoxDir, "wav", c.Utterance+".wav"))
	if err != nil {
		return nil, err
	}
	from := min(audio.Samples(c.From-margin), len(pcm))
	to := min(audio.Samples(c.To+margin), len(pcm))
	return slices.Clone(pcm[from:to]), nil
}

func (c Cut) whole() ([]int16, error) { return c.PCM(0) }

func cut(word, number string, from, to float64) Cut {
	s := func(v float64) time.Duration { return time.Duration(v * float64(time.Second)).Round(time.Millisecond) }
	return Cut{Word: word, Utterance: "ru_" + number, From: s(from), To: s(to)}
}

// HeldOut returns the words да and нет of the Russian speaker on which the
// bars are judged.
func HeldOut() []Cut {
	return []Cut{
		cut("да", "0335", 6.69, 7.12),
		cut("да", "0365", 3.82, 4.37),
		cut("да", "0386", 9.75, 10.26),
		cut("да", "0386", 13.18, 13.65),
		cut("да", "0567", 0.38, 0.82),
		cut("да", "0383", 3.49, 3.92),
		cut("нет", "0110", 2.64, 3.07),
		cut("нет", "0237", 13.3, 13.77),
		cut("нет", "0390", 3.11, 3.39),
		cut("нет", "0399", 9.26, 9.63),
		cut("нет", "0523", 0.40, 0.85),
		cut("нет", "0529", 0.41, 0.89),
		cut("нет", "0545", 7.96, 8.47),
		cut("нет", "0678", 0.63, 1.11),
		cut("нет", "0756", 5.91, 6.41),
	}
}

// Reserved reports whether an utterance is never to be trained on: a held-out
// cut lies in it.
func Reserved(utterance string) bool {
	return slices.ContainsFunc(HeldOut(), func(c Cut) bool { return c.Utterance == utterance })
}
