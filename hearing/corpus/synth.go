package corpus

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"dozvon/audio"
)

// Voice is a synthetic voice.
type Voice struct {
	Engine Package // Espeak, Flite or Festival
	Name   string  // as the engine knows it: "ru+Annie", "slt", "voice_msu_ru_nsh_clunits"
	Speed  int     // percent of the usual
	Pitch  int     // 0 to 99, of espeak alone
}

// String names the voice for people.
func (v Voice) String() string { return string(v.Engine) + " " + v.Name }

// Say returns the text as the voice says it. What was said once is kept in
// Cache.
func (v Voice) Say(text string) ([]int16, error) {
	key := sha256.Sum256(fmt.Appendf(nil, "1|%s|%s|%d|%d|%s", v.Engine, v.Name, v.Speed, v.Pitch, text))
	return kept(fmt.Sprintf("%x", key[:12]), func() ([]int16, error) { return v.say(text) })
}

func (v Voice) say(text string) ([]int16, error) {
	if err := Missing(v.Engine); err != nil {
		return nil, err
	}
	var b []byte
	var err error
	switch v.Engine {
	case Espeak:
		b, err = run(nil, "nice", "espeak-ng", "-v", v.Name, "-s", strconv.Itoa(160*v.Speed/100), "-p", strconv.Itoa(v.Pitch), "--stdout", "--", text)
	case Flite:
		b, err = toFile(nil, "nice", "flite", "-voice", v.Name, "--setf", "duration_stretch="+v.stretch(), "-t", text, "-o")
	case Festival:
		b, err = toFile([]byte(text+"\n"), "nice", "text2wave", "-eval", "("+v.Name+")", "-eval", "(Parameter.set 'Duration_Stretch "+v.stretch()+")", "-o")
	default:
		err = fmt.Errorf("corpus: %q is no synthesizer known here", v.Engine)
	}
	if err != nil {
		return nil, err
	}
	c, err := audio.ReadWAV(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("corpus: %v says %.40q: %w", v, text, err)
	}
	return trim(c.PCM()), nil
}

// stretch is how much longer than usual a sound lasts, as flite and festival
// want it.
func (v Voice) stretch() string { return strconv.FormatFloat(100/float64(v.Speed), 'f', 2, 64) }

// toFile runs a program whose last argument names the file it writes.
func toFile(in []byte, name string, args ...string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "dozvon-corpus-")
	if err != nil {
		return nil, fmt.Errorf("corpus: %w", err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "out.wav")
	if _, err := run(in, name, append(args, path)...); err != nil {
		return nil, err
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("corpus: %s wrote nothing: %w", args[0], err)
	}
	return b, nil
}

// trim cuts the silence at both ends, which engines leave in different length.
func trim(pcm []int16) []int16 {
	floor := 0.02 * ActiveRMS(pcm)
	const n = audio.Rate / 100
	from, to := 0, len(pcm)
	for from+n <= to && audio.RMS(pcm[from:from+n]) <= floor {
		from += n
	}
	for to-n >= from && audio.RMS(pcm[to-n:to]) <= floor {
		to -= n
	}
	return pcm[from:to]
}
