// Package tts turns prompts into audio: recorded files first, then what a
// cache holds, then a speech engine (a command or an HTTP service).
//
// It must never know scenarios, calls or leads: it gets words and gives a
// clip. A secret of an engine never appears in its errors.
package tts
