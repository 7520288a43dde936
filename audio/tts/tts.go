package tts

import (
	"context"
)

// Engine speaks text.
type Engine interface {
	Name() string                                                 // for people
	Voice() string                                                // part of the cache's key; empty: "default"
	Speak(ctx context.Context, lang, text string) ([]byte, error) // a WAV file
}

// Prompt is one thing to be heard. Its fields are those of scenarios.Prompt,
// so that one converts into the other: tts.Prompt(p).
type Prompt struct {
	File     string // recorded file, relative to the scenario's folder
	Text     string // or words to speak
	Language string // of Text
}
