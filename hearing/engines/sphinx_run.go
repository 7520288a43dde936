package engines

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"dozvon/audio"
)

const phoneModel = "en-us-phone.lm.bin"

// hypothesis is what a pass has found: the words, and how well the sound fits
// them, as pocketsphinx counts.
type hypothesis struct {
	words []string
	score int64
}

// Confidence from the two scores: their difference for each frame of 10 ms. The
// middle was set on development at 30 dB: with it 225 of 252 answers by six
// synthetic voices are heard right and count, and 10 of their 180 sentences that
// are none; of 150 prompts that a woman speaks, some 14 %. Two less gave 232
// and 12. The table of cepstra had learnt from one more package then
// (docs/decisions/022-english.md).
const (
	sphinxMiddle = -13.0
	sphinxSlope  = 2.5
)

// recognise runs both passes over an utterance at audio.Rate.
func (s *Sphinx) recognise(ctx context.Context, grammar string, pcm []int16) ([]word, error) {
	dir, err := os.MkdirTemp(s.dir, "said-")
	if err != nil {
		return nil, fmt.Errorf("pocketsphinx: its files can't be written: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // Close removes what is left
	if err := errors.Join(put(filepath.Join(dir, "said.mfc"), string(cepstra(pcm))), put(filepath.Join(dir, "list"), "said\n")); err != nil {
		return nil, err
	}
	type pass struct {
		hypothesis
		err error
	}
	loop := make(chan pass, 1)
	go func() {
		// The loop asks no dictionary, but without one given the program would
		// read the model's whole: longer than it takes to hear the utterance.
		h, err := s.pass(ctx, dir, "loop", "-dict", grammar+".dict", "-allphone", filepath.Join(s.cfg.Model, phoneModel),
			"-allphone_ci", "yes", "-lw", "2", "-beam", "1e-20", "-pbeam", "1e-20")
		loop <- pass{h, err}
	}()
	said, err := s.pass(ctx, dir, "said", "-jsgf", grammar+".jsgf", "-dict", grammar+".dict", "-bestpath", "no")
	rest := <-loop
	if err := errors.Join(err, rest.err); err != nil {
		return nil, err
	}
	frames := float64(len(pcm)) / (audio.Rate / 100)
	if len(said.words) == 0 || frames == 0 {
		return nil, nil
	}
	better := float64(said.score-rest.score) / frames
	sure := 1 / (1 + math.Exp(-(better-sphinxMiddle)/sphinxSlope))
	var out []word
	for _, w := range said.words {
		out = append(out, word{text: w, confidence: sure})
	}
	return out, nil
}

// pass runs the program once.
func (s *Sphinx) pass(ctx context.Context, dir, name string, args ...string) (h hypothesis, err error) {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return h, ctx.Err()
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	out := filepath.Join(dir, name+".hyp")
	cmd := exec.CommandContext(ctx, s.cfg.Program, append([]string{
		"-hmm", filepath.Join(s.cfg.Model, "en-us"), "-cepdir", dir, "-cepext", ".mfc",
		"-ctl", filepath.Join(dir, "list"), "-hyp", out, "-logfn", os.DevNull, "-featparams", s.features(),
	}, args...)...)
	cmd.Dir, cmd.Env = dir, []string{"LC_ALL=C"} // nothing of our environment
	cmd.WaitDelay = time.Second
	diag := &tail{max: 1000}
	cmd.Stderr = diag
	err = cmd.Run()
	switch {
	case ctx.Err() == context.DeadlineExceeded:
		return h, fmt.Errorf("pocketsphinx gave no answer within %s", s.cfg.Timeout)
	case ctx.Err() != nil:
		return h, ctx.Err()
	case err != nil:
		return h, fmt.Errorf("pocketsphinx failed: %w: %s", err, excerpt(diag.b))
	}
	f, err := os.Open(out)
	if err != nil {
		return h, errors.New("pocketsphinx gave no answer")
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxReply))
	if err != nil {
		return h, fmt.Errorf("pocketsphinx: its answer can't be read: %w", err)
	}
	return readHypothesis(text)
}

// readHypothesis reads "call me back (said -12345)".
func readHypothesis(text []byte) (h hypothesis, err error) {
	line := string(bytes.TrimSpace(text))
	open := strings.LastIndexByte(line, '(')
	name, score, ok := strings.Cut(strings.TrimSuffix(line[max(open, 0):], ")"), " ")
	if open < 0 || !ok || name != "(said" {
		return h, fmt.Errorf("pocketsphinx answered something else: %s", excerpt(text))
	}
	if h.score, err = strconv.ParseInt(score, 10, 64); err != nil || h.score > 0 || h.score < math.MinInt32 {
		return h, fmt.Errorf("pocketsphinx answered something else: %s", excerpt(text))
	}
	h.words = normal(line[:open])
	return h, nil
}

// tail keeps the last bytes of what a program says.
type tail struct {
	b   []byte
	max int
}

func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p...)
	if len(t.b) > t.max {
		t.b = append(t.b[:0], t.b[len(t.b)-t.max:]...)
	}
	return len(p), nil
}
