// Package embedded is the recogniser in this process: it joins what other
// rooms know (where speech begins and ends, how phrases sound, which word fits
// best) into a hearing.Recognizer.
//
// A stream costs a copy of each frame while nobody speaks. The search runs on
// a few workers of its own, so that the goroutine that brings frames never
// waits: too many people who speak at once make answers later, and in the end
// unheard, but no call's sound.
//
// It must never know SIP, leads or scenarios. Its only clock measures how long
// a worker took.
package embedded
