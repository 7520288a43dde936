package dialer

import "time"

// Quality is how well the sound of a call got through. The zero value says
// that nothing was measured.
type Quality struct {
	Loss      float64       `json:"loss,omitempty"`       // share of the person's packets that never came, 0 to 1
	Jitter    time.Duration `json:"jitter,omitempty"`     // of the person's packets (RFC 3550 section 6.4.1)
	FarLoss   float64       `json:"far_loss,omitempty"`   // share of our packets that the far end missed, as its RTCP said
	FarJitter time.Duration `json:"far_jitter,omitempty"` // of our packets, as its RTCP said
	RoundTrip time.Duration `json:"round_trip,omitempty"` // 0: the far end sent no RTCP
	MOS       float64       `json:"mos,omitempty"`        // mean opinion score of what we heard, by the E-model (ITU-T G.107); 0: not measured
	Secure    bool          `json:"secure,omitempty"`     // SRTP
}
