package tts

import (
	"context"
	"fmt"
	"regexp"
	"strings"
)

// Engine speaks text.
type Engine interface {
	// Name is what people call it; it stands in errors.
	Name() string
	// Voice names the voice that speaks; it is part of the cache's key, so
	// that two voices never mix within a call. Empty means DefaultVoice.
	Voice() string
	// Speak returns a WAV file with the text spoken. It ends when ctx does.
	Speak(ctx context.Context, lang, text string) ([]byte, error)
}

// Limits of what an engine is given and may answer.
const (
	maxText  = 4000     // bytes
	maxAudio = 32 << 20 // bytes
)

// wordRE is what may be put into an argument of a command or an address.
var wordRE = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_+.-]{0,63}$`)

// placeholders puts the language and the voice into a template. Both must be
// plain words: they become arguments of commands and parts of addresses.
func placeholders(s, lang, voice string) string {
	return strings.NewReplacer("{lang}", lang, "{voice}", voice).Replace(s)
}

func checkWords(engine, lang, voice string) error {
	if !wordRE.MatchString(lang) {
		return fmt.Errorf("speech engine %s: %.20q is no code of a language", engine, lang)
	}
	if voice != "" && !wordRE.MatchString(voice) {
		return fmt.Errorf("speech engine %s: the voice %.64q may hold letters, digits and _+-. only", engine, voice)
	}
	return nil
}

func checkText(engine, text string) error {
	switch {
	case strings.TrimSpace(text) == "":
		return fmt.Errorf("speech engine %s: there is nothing to say", engine)
	case len(text) > maxText:
		return fmt.Errorf("speech engine %s: the text has %d bytes, at most %d are spoken at once; split it into sentences", engine, len(text), maxText)
	}
	return nil
}

// Format is how an engine gives its audio.
type Format string

// Formats.
const (
	WAV   Format = "wav"   // a WAV file
	S16LE Format = "s16le" // bare samples, 16 bits, little endian, mono
)
