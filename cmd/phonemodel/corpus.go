package main

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
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
	labels, err := filepath.Glob(filepath.Join(dir, "lab", "ru_*.lab"))
	if err != nil || len(labels) == 0 {
		return nil, fmt.Errorf("no labels under %s: install Debian's festvox-ru, or say -voice DIR", dir)
	}
	slices.Sort(labels)
	var us []utterance
	for _, l := range labels {
		name := strings.TrimSuffix(filepath.Base(l), ".lab")
		if slices.Contains(heldOut, strings.TrimPrefix(name, "ru_")) {
			continue
		}
		u := utterance{name: name}
		if u.phones, err = readLabels(l); err != nil {
			return nil, err
		}
		if u.sound, err = readSound(filepath.Join(dir, "wav", name+".wav")); err != nil {
			return nil, err
		}
		us = append(us, u)
	}
	return us, nil
}

// readLabels reads a file of ESPS labels: the end of each phone, a colour, its
// name, after a line with #.
func readLabels(path string) ([]segment, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var out []segment
	from := 0.0
	for _, line := range strings.Split(string(raw), "\n") {
		f := strings.Fields(line)
		if len(f) != 3 {
			continue
		}
		to, err := strconv.ParseFloat(f[0], 64)
		if err != nil || to < from {
			return nil, fmt.Errorf("%s: not a line of labels: %q", path, line)
		}
		out = append(out, segment{from, to, f[2]})
		from = to
	}
	return out, nil
}

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
