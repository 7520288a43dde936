package calls

import "dozvon/dialer"

// measure puts into the result how well the sound of an answered call got
// through. It comes before the media session is closed.
func (c *call) measure() {
	if c.media == nil || !c.answered {
		return
	}
	s := c.media.Stats()
	c.result.Quality = dialer.Quality{
		Loss: s.Loss, Jitter: s.Jitter, FarLoss: s.FarLoss, FarJitter: s.FarJitter,
		RoundTrip: s.RoundTrip, MOS: s.MOS, Secure: c.secure,
	}
}
