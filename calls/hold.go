package calls

import (
	"sync"
	"time"

	"dozvon/audio"
	"dozvon/media"
	"dozvon/scenarios"
)

// partyHolds: the phone of somebody whom we called holds us (RFC 3264 section
// 8.4) or resumes. The person then hears music instead of a dead line, and
// the watch over the phone that holds rests; nothing ends.
func (c *call) partyHolds(p *party, held bool) {
	p.held = held
	if c.bridge.talk == p {
		c.hold()
		c.show()
	}
}

// hold gives the person music while nobody can talk with them: the operator's
// phone holds, or a transfer is under way; and the operator afterwards.
func (c *call) hold() {
	b := c.bridge
	want := b.transfer != nil || b.talk != nil && b.talk.held
	if want == b.onHold {
		return
	}
	b.onHold = want
	c.media.Hold(want)
	if !want {
		c.silence()
		return
	}
	if !c.startMusic(b.want.Music) {
		c.loop(comfort())
	}
}

// startMusic plays to the person who waits, and reports whether there is
// music. It is a recorded file shared by all calls.
func (c *call) startMusic(file string) bool {
	if file == "" {
		return false
	}
	music, ok := c.clip(scenarios.Prompt{File: file})
	if !ok {
		c.cfg.Log.Warn("no music while the person waits: the file was not there at the start", "attempt", c.attempt.ID, "file", file)
		return false
	}
	c.loop(music)
	return true
}

// loop plays a clip over and over in place of whatever was being said.
func (c *call) loop(clip *audio.Clip) {
	c.saying = 0
	clear(c.plays)
	c.media.Play(media.PlayOptions{Loop: true}, clip)
}

// comfort is for people on hold in scenarios without music: a soft double
// beep every four seconds says that the line is alive.
var comfort = sync.OnceValue(func() *audio.Clip {
	beep := audio.Tone([]float64{comfortHz}, 120*time.Millisecond, 0.06)
	pcm := make([]int16, audio.Samples(4*time.Second))
	copy(pcm, beep)
	copy(pcm[audio.Samples(240*time.Millisecond):], beep)
	return audio.NewClip(pcm)
})

const comfortHz = 440
