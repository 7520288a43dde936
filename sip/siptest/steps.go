package siptest

import (
	"fmt"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"dozvon/audio"
	"dozvon/dialer/phonesim"
	"dozvon/media"
)

// keyTime bounds how long one key may take to be sent.
const keyTime = 2 * time.Second

// steps carries out what a person who answered does, in order.
func (c *call) steps() error {
	c.rest()
	for _, step := range c.profile.Steps {
		if err := c.step(step); err != nil {
			return err
		}
		c.rest()
	}
	return nil
}

// rest lets the room be heard again once the person is done with a sound.
func (c *call) rest() {
	if c.profile.Behind != "" && c.playing == 0 {
		c.playing = c.media.Play(media.PlayOptions{Loop: true}, c.srv.sounds.clips[c.profile.Behind])
	}
}

func (c *call) step(s phonesim.Step) error {
	switch {
	case s.Wait > 0:
		return c.until(s.Wait, nil)
	case s.Listen > 0:
		return c.until(-1, c.ear.wakeAt(s.Listen))
	case s.Hush > 0:
		return c.hush(s.Hush)
	case s.Press != "":
		return c.press(s.Press)
	case s.Info != "":
		return c.pressInfo(s.Info)
	case s.Speak != "":
		return c.say(s.Speak)
	case s.HangUp:
		return errDone
	}
	return nil
}

// hush waits until the caller, having spoken since this person last did
// something, has been silent for d.
func (c *call) hush(d time.Duration) error {
	if err := c.until(-1, c.ear.spoken(c.acted)); err != nil {
		return err
	}
	for {
		left := d - c.ear.silentFor(time.Now())
		if left <= 0 {
			c.act()
			return nil
		}
		if err := c.until(left, nil); err != nil {
			return err
		}
	}
}

// act marks the moment at which the person did something: only voice after it
// can end a later hush.
func (c *call) act() { c.acted = c.ear.voice.Load() }

// press sends keys as telephone events, or as tones to a caller that
// understands no events.
func (c *call) press(keys string) error {
	e := c.entry(KeyPressed)
	e.Keys = keys
	c.srv.desk.note(e)
	defer c.act()
	if c.offer.event == 0 {
		return c.tones(keys)
	}
	c.typed = false
	c.media.SendDigits(keys)
	return c.until(time.Duration(len(keys))*keyTime, func() bool { return c.typed })
}

// tones plays keys in band (ITU-T Q.23).
func (c *call) tones(keys string) error {
	const tone, gap = 120 * time.Millisecond, 80 * time.Millisecond
	var pcm []int16
	for i := range len(keys) {
		pcm = append(pcm, audio.DigitTone(keys[i], tone, 0.25)...)
		pcm = append(pcm, make([]int16, audio.Samples(gap))...)
	}
	c.playing = c.media.Play(media.PlayOptions{}, audio.NewClip(pcm))
	return c.until(time.Duration(len(keys)+1)*(tone+gap)+time.Second, c.silent)
}

// pressInfo sends keys as SIP INFO, one request a key.
func (c *call) pressInfo(keys string) error {
	defer c.act()
	for i := range len(keys) {
		e := c.entry(KeyPressed)
		e.Keys = keys[i : i+1]
		c.srv.desk.note(e)
		req := c.dialog.request(sipgo.INFO)
		req.AppendHeader(sipgo.NewHeader("Content-Type", "application/dtmf-relay"))
		req.SetBody(fmt.Appendf(nil, "Signal=%c\r\nDuration=160\r\n", keys[i]))
		if _, err := c.ask(req, infoWait); err != nil {
			return err
		}
	}
	return nil
}

const infoWait = 5 * time.Second

// say plays a sound to its end; one that has none goes on while the person
// does other things.
func (c *call) say(name string) error {
	defer c.act()
	if forever(name) {
		c.playing = c.media.Play(media.PlayOptions{Loop: true}, c.srv.sounds.clips[name])
		return nil
	}
	return c.speak(name)
}
