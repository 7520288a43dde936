package bench

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"dozvon/audio"
	"dozvon/hearing/corpus"
)

const (
	keysADrawn = 25   // keys in a call
	keysInAll  = 1000 // of each kind of line
	keyTime    = 50 * time.Millisecond
)

// keyLines are the lines on which keys are pressed.
var keyLines = []struct {
	name  string
	noise corpus.Noise
	snr   float64
}{
	{"quiet", corpus.Quiet, 0},
	{"pink noise, 25 dB", corpus.PinkNoise, 25},
	{"pink noise, 15 dB", corpus.PinkNoise, 15},
	{"white noise, 15 dB", corpus.WhiteNoise, 15},
}

// dtmfBar presses keys for 50 ms with 50 ms between them.
func dtmfBar() Bar {
	return Bar{
		Name:  "dtmf",
		Title: "Keys in band",
		Data: "keys made by code: 50 ms on, 50 ms off, all sixteen of them, frequencies off by up to 1.5 %, the high tone 8 dB weaker to 4 dB louder than the low one, " +
			"-30 to -16 dBFS, A-law; 1,000 keys on each of four lines. Seeds drawn after the detector was settled",
		Takes: 5 * time.Second,
		Run:   runKeys,
	}
}

func runKeys(ctx context.Context, r *Report) error {
	const calls = keysInAll / keysADrawn
	wrong, worst := 0, Confusion{Title: "Errors by line: calls of 25 keys heard whole, and not"}
	type result struct{ sent, heard string }
	all, err := Each(ctx, r, len(keyLines)*calls, func(i int) (result, error) {
		sent, heard, err := pressKeys(i/calls, i%calls)
		return result{sent, heard}, err
	})
	if err != nil {
		return err
	}
	errors := make([]int, len(keyLines))
	for i, v := range all {
		n := distance(v.sent, v.heard)
		errors[i/calls] += n
		wrong += n
		verdict := "whole"
		if n > 0 {
			verdict = "with errors"
			r.Note("%s: sent %s, heard %s", keyLines[i/calls].name, v.sent, v.heard)
		}
		worst.Add(keyLines[i/calls].name, verdict)
	}
	for i, n := range errors {
		r.Show("keys wrong, missing or too many, "+keyLines[i].name, "%d of %d", n, keysInAll)
	}
	r.Confuse(&worst)
	r.Judge("dtmf", fmt.Sprintf("%d errors in %d", wrong, keysInAll*len(keyLines)), wrong == 0)
	return nil
}

// pressKeys presses keys on one line and returns what was pressed and heard.
func pressKeys(line, call int) (sent, heard string, err error) {
	l := keyLines[line]
	r := corpus.Rand(4711, fmt.Sprintf("keys/%d/%d", line, call))
	var pcm []int16
	for range keysADrawn {
		key := "0123456789*#ABCD"[r.IntN(16)]
		sent += string(key)
		off := 1 + 0.015*(2*r.Float64()-1)
		twist := -8 + 12*r.Float64()
		pcm = append(pcm, keyTone(key, off, twist)...)
		pcm = append(pcm, make([]int16, audio.Samples(keyTime))...)
	}
	c := corpus.Channel{Noise: l.noise, SNR: l.snr, Lead: 300 * time.Millisecond, Tail: 200 * time.Millisecond}
	s, err := c.Pass(r, pcm)
	if err != nil {
		return "", "", err
	}
	return sent, string(hearKeys(s.PCM)), nil
}

// keyTone is a key whose frequencies are off by a factor, and whose high tone
// is twist decibels above the low one.
func keyTone(key byte, off, twist float64) []int16 {
	low := []float64{697, 770, 852, 941}
	high := []float64{1209, 1336, 1477, 1633}
	i := strings.IndexByte("123A456B789C*0#D", key)
	pcm := audio.Tone([]float64{low[i/4] * off}, keyTime, 0.15)
	up := audio.Tone([]float64{high[i%4] * off}, keyTime, 0.15*pow10(twist))
	audio.Mix(pcm, up)
	return pcm
}

func hearKeys(pcm []int16) []byte {
	d := audio.NewDTMF()
	var keys []byte
	for f := range slices.Chunk(pcm, audio.FrameSamples) {
		keys = d.Feed(f, keys)
	}
	return keys
}

// distance is the least number of keys to change, add or leave out that makes
// one row of the other (Levenshtein 1966).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := last + one(a[i] != b[j])
			last = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// talkOffBar looks for keys in speech, where there are none.
func talkOffBar() Bar {
	return Bar{
		Name:  "talk-off",
		Title: "Keys heard in speech",
		Data: "all of festvox-ru (one man, 99.5 min) and all spoken Russian and English prompts of Asterisk (two women), at -20 dBFS of active speech through A-law, " +
			"then once more at a drawn level. No part of it is held out: there is nothing to train; but the detector's thresholds were set in an earlier version of dozvon with such speech at hand",
		Needs: []corpus.Package{corpus.FestvoxRU, corpus.AsteriskRU, corpus.AsteriskEN},
		Takes: 25 * time.Second,
		Run:   runTalkOff,
	}
}

func runTalkOff(ctx context.Context, r *Report) error {
	speech, err := Speech()
	if err != nil {
		return err
	}
	type result struct {
		length time.Duration
		keys   string
	}
	all, err := Each(ctx, r, len(speech), func(i int) (result, error) {
		pcm, err := speech[i].PCM()
		if err != nil {
			return result{}, err
		}
		var keys []byte
		for _, level := range []float64{-20, 0} {
			s, err := corpus.Channel{Level: level}.Pass(corpus.Rand(21, fmt.Sprint("talk-off/", speech[i].Name, level)), pcm)
			if err != nil {
				return result{}, err
			}
			keys = append(keys, hearKeys(s.PCM)...)
		}
		return result{audio.Duration(len(pcm)), string(keys)}, nil
	})
	if err != nil {
		return err
	}
	keys, length := 0, time.Duration(0)
	for i, v := range all {
		length += v.length
		keys += len(v.keys)
		if v.keys != "" {
			r.Note("%s: %q heard", speech[i].Name, v.keys)
		}
	}
	r.Judge("talk-off", fmt.Sprintf("%d in %.1f min, at two levels", keys, length.Minutes()), keys == 0 && length > 140*time.Minute)
	return nil
}
