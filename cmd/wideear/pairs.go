package main

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"

	"dozvon/audio"
	"dozvon/hearing/corpus"
	"dozvon/hearing/engines"
)

const (
	cepstra = engines.Cepstra
	loud    = 3276.8 // root mean square of active speech that pocketsphinx gets: 20 dB below full scale
	model   = "/usr/share/pocketsphinx/model/en-us/en-us"
)

// pair is one recording in rows of 10 ms, heard both ways.
type pair struct {
	narrow [][]float64 // bands
	wide   [][]float64 // cepstra
}

// pairs hears all recordings with pink noise behind them.
func pairs(dir string, speech [][]float64) ([]pair, error) {
	out := make([]pair, len(speech))
	var list strings.Builder
	for i, pcm := range speech {
		r := corpus.Rand(22, fmt.Sprint("wideear/", i))
		gain := loud / corpus.ActiveRMS(whole(pcm))
		snr := []float64{25, 30, 30, 35}[i%4]
		noise := corpus.Pink(r, len(pcm))
		noisy := make([]float64, len(pcm))
		for k, v := range pcm {
			noisy[k] = gain*v + loud*math.Pow(10, -snr/20)*noise[k]
		}
		raw := make([]byte, 0, 2*len(noisy))
		for _, v := range whole(noisy) {
			raw = binary.LittleEndian.AppendUint16(raw, uint16(v))
		}
		name := fmt.Sprintf("said-%05d", i)
		if err := os.WriteFile(filepath.Join(dir, name+".raw"), raw, 0o600); err != nil {
			return nil, err
		}
		fmt.Fprintln(&list, name)
		level := math.Pow(10, (-10+14*r.Float64())/20) // -30 to -16 dB below full scale
		out[i].narrow = engines.Bands(line(narrow(noisy), level))
	}
	if err := os.WriteFile(filepath.Join(dir, "list"), []byte(list.String()), 0o600); err != nil {
		return nil, err
	}
	return out, hearWide(dir, out)
}

// hearWide fills in the cepstra as pocketsphinx takes them of the files: it
// notes them while it listens for some word.
func hearWide(dir string, out []pair) error {
	at := func(name string) string { return filepath.Join(dir, name) }
	for name, text := range map[string]string{"word.jsgf": "#JSGF V1.0;\ngrammar g;\npublic <g> = yes;\n", "word.dict": "yes Y EH S\n"} {
		if err := os.WriteFile(at(name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	if err := os.Mkdir(at("cepstra"), 0o700); err != nil {
		return err
	}
	if err := program("pocketsphinx_batch", "-hmm", model, "-adcin", "yes", "-cepdir", dir, "-cepext", ".raw", "-ctl", at("list"), "-hyp", at("hyp"), "-logfn", os.DevNull,
		"-remove_silence", "no", "-jsgf", at("word.jsgf"), "-dict", at("word.dict"), "-mfclogdir", at("cepstra")); err != nil {
		return err
	}
	files, err := filepath.Glob(at("cepstra/*.mfc"))
	if err != nil || len(files) != len(out) {
		return fmt.Errorf("pocketsphinx noted the cepstra of %d recordings out of %d", len(files), len(out))
	}
	for i, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for b = b[4:]; len(b) >= 4*cepstra; b = b[4*cepstra:] { // a count stands before them
			row := make([]float64, cepstra)
			for k := range row {
				row[k] = float64(math.Float32frombits(binary.NativeEndian.Uint32(b[4*k:])))
			}
			out[i].wide = append(out[i].wide, row)
		}
	}
	return nil
}

// narrow is sound at half its rate, through a windowed sinc that ends at 3.9 kHz.
func narrow(wide []float64) []float64 {
	const side, cut = 64, 3900.0 / (wideRate / 2)
	var taps [2*side + 1]float64
	sum := 0.0
	for i := range taps {
		x := float64(i - side)
		taps[i] = cut * (0.5 + 0.5*math.Cos(math.Pi*x/(side+1)))
		if x != 0 {
			taps[i] *= math.Sin(math.Pi*x*cut) / (math.Pi * x * cut)
		}
		sum += taps[i]
	}
	out := make([]float64, len(wide)/2)
	for i := range out {
		for k, c := range taps {
			if j := 2*i + k - side; j >= 0 && j < len(wide) {
				out[i] += c / sum * wide[j]
			}
		}
	}
	return out
}

// line is sound at another level through A-law.
func line(x []float64, level float64) []int16 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = level * v
	}
	pcm := whole(y)
	law := make([]byte, len(pcm))
	audio.Encode(audio.ALaw, law, pcm)
	audio.Decode(audio.ALaw, pcm, law)
	return pcm
}

func whole(x []float64) []int16 {
	pcm := make([]int16, len(x))
	for i, v := range x {
		pcm[i] = int16(math.Max(-32768, math.Min(32767, math.Round(v))))
	}
	return pcm
}
