package hearing

import (
	"context"
	"time"
)

// Recognizer hears words: an engine in this process, or a server.
type Recognizer interface {
	// Open starts to hear one person. It must return soon; an error leaves the
	// call with its keys.
	Open(ctx context.Context, o Options) (Stream, error)
}

// Options say what is listened for.
type Options struct {
	Language string              // "ru", "en"
	Phrases  map[string][]string // label → phrases that mean it, in small letters; phrases.Number and phrases.Time stand for whole families
	Sure     map[string]float64  // label → the confidence below which it does not count; for engines that can stop early
}

// Stream is a recogniser listening to one person.
type Stream interface {
	// Write takes a frame of what the person says. It must not block and must
	// keep nothing of the frame. After Close it does nothing.
	Write(f Frame)
	// Results delivers what was heard; it is closed after Close.
	Results() <-chan Heard
	Close()
}

// Heard is an answer in words.
type Heard struct {
	Label      string        // one of Options.Phrases; empty: speech that is none of them
	Text       string        // the words themselves, as far as they are known
	Confidence float64       // 0..1; the scenario knows how sure an answer must be
	Latency    time.Duration // from the end of the word to the result
	Engine     string        // for people: "embedded", "vosk"
}
