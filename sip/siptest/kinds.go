package siptest

import (
	"fmt"
	"time"

	"dozvon/audio"
	"dozvon/dialer/phonesim"
	"dozvon/media"
)

// How long machines stay on the line.
const (
	voicemailLasts = 20 * time.Second
	faxLasts       = 35 * time.Second // T.30 gives up on a caller that is no fax (T1)

	falseAnswerLasts = 10 * time.Second
)

// q850 is the Reason header for a cause of the telephone network (RFC 3326).
func q850(cause int) string { return fmt.Sprintf("Q.850;cause=%d", cause) }

// refusals are the final answers of the kinds that do not pick up.
var refusals = map[phonesim.Kind]refusal{
	phonesim.Busy:         {486, "Busy Here", q850(17)},
	phonesim.Declines:     {603, "Decline", q850(21)},
	phonesim.SwitchedOff:  {480, "Temporarily Unavailable", q850(20)},
	phonesim.Unknown:      {404, "Not Found", q850(1)},
	phonesim.Congested:    {503, "Service Unavailable", q850(34)},
	phonesim.Announcement: {480, "Temporarily Unavailable", ""}, // the announcement says why
}

// play is what the far end does, from the INVITE to the end of the call.
func (c *call) play() error {
	if err := c.tx.Respond(c.response(c.invite, 100, "Trying", nil)); err != nil {
		return c.unanswered(err)
	}
	if err := c.agree(); err != nil {
		return c.refuse(refusal{488, "Not Acceptable Here", ""})
	}
	switch c.profile.Kind {
	case phonesim.Busy, phonesim.SwitchedOff, phonesim.Unknown, phonesim.Congested:
		return c.turnAway(false)
	case phonesim.Declines:
		return c.turnAway(true)
	case phonesim.Announcement:
		return c.announce()
	case phonesim.RingsOut:
		if err := c.ring(); err != nil {
			return err
		}
		return c.until(-1, nil)
	}
	return c.pickUp()
}

// agree takes the caller's offer, or prepares ours if it made none.
func (c *call) agree() error {
	if len(c.invite.Body()) == 0 {
		c.offer = offerOurs(c.law)
		return nil
	}
	o, err := parseSDP(c.invite.Body())
	if err != nil {
		return err
	}
	if !c.take(o) {
		return errNoAudio
	}
	return nil
}

// turnAway refuses the call after the profile's time.
func (c *call) turnAway(rings bool) error {
	if rings {
		if err := c.ring(); err != nil {
			return err
		}
	}
	if err := c.until(c.ringTime(), nil); err != nil {
		return err
	}
	return c.refuse(c.refusal())
}

// refusal is the profile's final answer: that of its kind, with a code of its
// own if it has one.
func (c *call) refusal() refusal {
	r := refusals[c.profile.Kind]
	if c.profile.Code >= 300 {
		r.code, r.reason = c.profile.Code, "Refused"
	}
	return r
}

func (c *call) ringTime() time.Duration {
	return time.Duration(float64(c.profile.Ring) * c.srv.cfg.AnswerDelayScale)
}

// ring sends 180, or 183 with a ring-back tone.
func (c *call) ring() error {
	switch {
	case c.profile.Music:
		return c.early(media.PlayOptions{Loop: true}, Melody)
	case c.profile.Early:
		return c.early(media.PlayOptions{Loop: true}, Ringback)
	}
	c.note(Rung)
	return c.unansweredIf(c.tx.Respond(c.response(c.invite, 180, "Ringing", nil)))
}

func (c *call) unansweredIf(err error) error {
	if err == nil {
		return nil
	}
	return c.unanswered(err)
}

// early sends 183 and plays in early media.
func (c *call) early(o media.PlayOptions, sound string) error {
	if err := c.openMedia(); err != nil {
		return err
	}
	c.note(Early)
	if err := c.tx.Respond(c.response(c.invite, 183, "Session Progress", c.sdp())); err != nil {
		return c.unanswered(err)
	}
	c.connect(false)
	c.playing = c.media.Play(o, c.srv.sounds.clips[sound])
	return nil
}

// announce plays an announcement in early media, then refuses. A profile that
// speaks, or has a label, has an announcement of its own.
func (c *call) announce() error {
	if err := c.until(c.ringTime(), nil); err != nil {
		return err
	}
	name := Announced
	if c.profile.Label != "" {
		name = Announcing + c.profile.Label
	}
	for _, s := range c.profile.Steps {
		if s.Speak != "" {
			name = s.Speak
			break
		}
	}
	if err := c.early(media.PlayOptions{}, name); err != nil {
		return err
	}
	if err := c.until(c.srv.sounds.clips[name].Duration()+time.Second, c.silent); err != nil {
		return err
	}
	return c.refuse(c.refusal())
}

// silent says whether nothing is being played to the caller.
func (c *call) silent() bool { return c.playing == 0 }

// pickUp answers after the ringing, and does what the profile's kind does.
func (c *call) pickUp() error {
	if err := c.ring(); err != nil {
		return err
	}
	if err := c.until(c.ringTime(), nil); err != nil {
		return err
	}
	if c.media != nil {
		c.media.StopPlay()
	}
	if err := c.answer(); err != nil {
		return err
	}
	c.record()
	switch c.profile.Kind {
	case phonesim.Voicemail:
		return c.voicemail()
	case phonesim.Fax:
		return c.machine(faxLasts, FaxTone)
	case phonesim.FalseAnswer:
		return c.machine(falseAnswerLasts, BusyTone)
	}
	if err := c.steps(); err != nil {
		return err
	}
	return c.until(-1, nil)
}

// mute says whether the far end sends no packet at all.
func (c *call) mute() bool { return c.profile.Kind == phonesim.Mute }

// machine plays sounds in turn, listens, and hangs up.
func (c *call) machine(lasts time.Duration, names ...string) error {
	if err := c.speak(names...); err != nil {
		return err
	}
	if err := c.until(lasts, nil); err != nil {
		return err
	}
	return errDone
}

// voicemail greets and beeps; then it carries out the profile's steps, or
// records for a while and hangs up.
func (c *call) voicemail() error {
	if len(c.profile.Steps) == 0 {
		return c.machine(voicemailLasts, Greeting, Beep)
	}
	if err := c.speak(Greeting, Beep); err != nil {
		return err
	}
	if err := c.steps(); err != nil {
		return err
	}
	return c.until(-1, nil)
}

// speak plays sounds without a gap and waits for their end.
func (c *call) speak(names ...string) error {
	clips := make([]*audio.Clip, len(names))
	lasts := time.Second
	for i, name := range names {
		clips[i] = c.srv.sounds.clips[name]
		lasts += clips[i].Duration()
	}
	c.playing = c.media.Play(media.PlayOptions{}, clips...)
	return c.until(lasts, c.silent)
}
