package tts

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"time"

	"dozvon/internal/remote"
)

// Command is an engine that runs a program: the text on its standard input,
// the audio on its standard output. There is no shell, and no part of the
// text is ever an argument.
type Command struct {
	Label     string   // name for people; the program's if empty
	VoiceName string   // put in place of {voice}
	Args      []string // program and arguments; {lang} and {voice} are replaced
	Format    Format   // of the output; WAV if empty
	Rate      int      // samples per second of S16LE
	Timeout   time.Duration
}

// EspeakNG speaks with espeak-ng; an empty voice is the language's own.
func EspeakNG(voice string) *Command {
	name := voice
	if name == "" {
		name = "{lang}"
	}
	return &Command{Label: "espeak-ng", VoiceName: voice, Timeout: 20 * time.Second,
		Args: []string{"espeak-ng", "-v", name, "-s", "150", "--stdin", "--stdout"}}
}

// Festival speaks with festival's text2wave; an empty voice is the Russian
// voice of the package festvox-ru.
func Festival(voice string) *Command {
	if voice == "" {
		voice = "msu_ru_nsh_clunits"
	}
	return &Command{Label: "festival", VoiceName: voice, Timeout: 30 * time.Second,
		Args: []string{"text2wave", "-eval", "(voice_{voice})"}}
}

// Name is the engine's name for people.
func (c *Command) Name() string {
	if c.Label == "" && len(c.Args) > 0 {
		return c.Args[0]
	}
	return c.Label
}

// Voice tells voices of different programs apart.
func (c *Command) Voice() string {
	if c.VoiceName == "" {
		return c.Name()
	}
	return c.Name() + "/" + c.VoiceName
}

// Speak runs the program once.
func (c *Command) Speak(ctx context.Context, lang, text string) ([]byte, error) {
	if len(c.Args) == 0 {
		return nil, errors.New("speech engine: no command is given; write the program and its arguments as a list")
	}
	if err := errors.Join(checkWords(c.Name(), lang, c.VoiceName), checkText(c.Name(), text)); err != nil {
		return nil, err
	}
	timeout := c.Timeout
	if timeout == 0 {
		timeout = 30 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	args := make([]string, len(c.Args))
	for i, a := range c.Args {
		args[i] = placeholders(a, lang, c.VoiceName)
	}
	// A line break ends the text for programs that read line by line.
	out, err := c.run(ctx, cancel, args, text+"\n")
	if ctx.Err() == context.DeadlineExceeded {
		return nil, fmt.Errorf("speech engine %s gave no answer within %s; is it waiting for something?", c.Name(), timeout)
	}
	if err != nil {
		return nil, err
	}
	return c.wav(out)
}

func (c *Command) run(ctx context.Context, stop func(), args []string, text string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.WaitDelay = time.Second // a grandchild that holds the pipe is not waited for
	out, diag := &limited{max: maxAudio, full: stop}, &limited{max: 4 << 10}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader([]byte(text)), out, diag
	err := cmd.Run()
	switch {
	case out.over:
		return nil, fmt.Errorf("speech engine %s gave more than %d MiB of audio; it was stopped", c.Name(), maxAudio>>20)
	case errors.Is(err, exec.ErrNotFound):
		return nil, fmt.Errorf("speech engine %s: there is no program %q; install it or set another engine", c.Name(), args[0])
	case err != nil:
		return nil, fmt.Errorf("speech engine %s failed: %w: %s", c.Name(), err, remote.Excerpt(diag.b.Bytes()))
	}
	return out.b.Bytes(), nil
}

// wav makes a WAV file of what the program gave.
func (c *Command) wav(out []byte) ([]byte, error) {
	if c.Format == S16LE {
		return wrap(out, c.Rate)
	}
	if len(out) <= 44 {
		return nil, fmt.Errorf("speech engine %s gave no audio; does it have a voice for this language?", c.Name())
	}
	return out, nil
}

// limited keeps the first max bytes, and calls full when there are more.
type limited struct {
	b    bytes.Buffer
	max  int
	over bool
	full func()
}

func (l *limited) Write(p []byte) (int, error) {
	if room := l.max - l.b.Len(); len(p) > room {
		l.b.Write(p[:room])
		if l.over = true; l.full != nil {
			l.full()
			return room, io.ErrShortWrite
		}
		return len(p), nil
	}
	return l.b.Write(p)
}

// wrap puts a WAV header before bare 16-bit mono samples.
func wrap(pcm []byte, rate int) ([]byte, error) {
	if rate < 8000 || rate > 48000 {
		return nil, fmt.Errorf("tts: the rate of bare samples is %d; set it to the engine's own, 8000 to 48000", rate)
	}
	return append(header(1, 16, rate, len(pcm)&^1), pcm[:len(pcm)&^1]...), nil
}

// header is a WAV header of mono sound: RIFF with a fmt chunk of 16 bytes and
// the data chunk. Format 1 is PCM, 6 is A-law (RFC 2361).
func header(format uint16, bits, rate, size int) []byte {
	b := append([]byte("RIFF"), 0, 0, 0, 0)
	b = append(b, "WAVEfmt "...)
	le := binary.LittleEndian
	b = le.AppendUint32(b, 16)
	b = le.AppendUint16(b, format)
	b = le.AppendUint16(b, 1)
	b = le.AppendUint32(b, uint32(rate))
	b = le.AppendUint32(b, uint32(rate*bits/8))
	b = le.AppendUint16(b, uint16(bits/8))
	b = le.AppendUint16(b, uint16(bits))
	b = append(b, "data"...)
	b = le.AppendUint32(b, uint32(size))
	le.PutUint32(b[4:], uint32(len(b)-8+size))
	return b
}
