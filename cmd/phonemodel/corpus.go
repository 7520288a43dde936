package main

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"dozvon/hearing/corpus"
)

// voiceRate is the sampling rate of the recordings of festvox-ru.
const voiceRate = 16000

// heldOut are the utterances that hold the cuts the bars are judged on; they
// are never trained on.
var heldOut = []string{
	"0335", "0365", "0386", "0567", "0383",
	"0110", "0237", "0390", "0399", "0523", "0529", "0545", "0678", "0756",
}

// utterance is a recording and where its phones are.
type utterance struct {
	name   string
	sound  []float32 // at voiceRate, 16 bit scale
	phones []segment
}

type segment struct {
	from, to float64 // seconds
	phone    string
}

// readVoice reads all utterances of the voice under dir, by name, without
// those held out.
func readVoice(dir string) ([]utterance, error) {
	all, err := corpus.FestvoxAt(dir)
	if err != nil {
		return nil, fmt.Errorf("%w; install Debian's festvox-ru, or say -voice DIR", err)
	}
	slices.SortFunc(all, func(a, b corpus.Utterance) int { return strings.Compare(a.ID, b.ID) })
	var us []utterance
	for _, known := range all {
		if slices.Contains(heldOut, strings.TrimPrefix(known.ID, "ru_")) {
			continue
		}
		u := utterance{name: known.ID}
		for _, l := range known.Labels {
			u.phones = append(u.phones, segment{seconds(l.From), seconds(l.To), l.Phone})
		}
		if u.sound, err = readSound(filepath.Join(dir, "wav", u.name+".wav")); err != nil {
			return nil, err
		}
		us = append(us, u)
	}
	return us, nil
}

// seconds gives the very number that stands in the file of labels, whose times
// have five digits after the point: weights come out again to the bit.
func seconds(d time.Duration) float64 { return float64(d/(10*time.Microsecond)) / 1e5 }

// readSound reads a WAV file of one channel, 16 bits, voiceRate.
func readSound(path string) ([]float32, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if len(b) < 44 || string(b[:4]) != "RIFF" || binary.LittleEndian.Uint16(b[22:]) != 1 ||
		binary.LittleEndian.Uint32(b[24:]) != voiceRate || binary.LittleEndian.Uint16(b[34:]) != 16 {
		return nil, fmt.Errorf("%s: want WAV, one channel, 16 bits, %d Hz", path, voiceRate)
	}
	b = b[44:]
	x := make([]float32, len(b)/2)
	for i := range x {
		x[i] = float32(int16(binary.LittleEndian.Uint16(b[2*i:])))
	}
	return x, nil
}

// loudness is the root mean square of the louder stretches of x, of which each
// has step samples.
func loudness(x []float32, step int) float64 {
	var top float64
	var energies []float64
	for i := 0; i+step <= len(x); i += step {
		var e float64
		for _, v := range x[i : i+step] {
			e += float64(v) * float64(v)
		}
		energies = append(energies, e)
		top = max(top, e)
	}
	var sum float64
	n := 0
	for _, e := range energies {
		if e > top/100 {
			sum += e
			n++
		}
	}
	if n == 0 || sum == 0 {
		return 1
	}
	return math.Sqrt(sum / float64(n*step))
}
