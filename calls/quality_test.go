package calls

import (
	"testing"
	"time"

	"dozvon/dialer"
	"dozvon/dialer/phonesim"
	"dozvon/media"
	"dozvon/sip"
	"dozvon/sip/siptest"
)

// The result tells how well the sound of an answered call got through; of one
// that nobody answered it tells nothing.
func TestQualityOfACall(t *testing.T) {
	t.Parallel()
	other := "+79990000002"
	book := people(person(hears, waits(1500*time.Millisecond), presses("2")))
	book[other] = kind(phonesim.Busy)
	r := newRig(t, rigOptions{people: book})
	q := r.run(number).Quality
	if q.MOS < 4 || q.MOS > 4.5 || q.Loss > 0.02 || q.Secure {
		t.Errorf("on loopback: %+v", q)
	}
	if q := r.run(other).Quality; q != (dialer.Quality{}) {
		t.Errorf("of a busy number: %+v", q)
	}
}

func TestQualityTellsWhetherTheSoundIsEncrypted(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{people: people(person(hears, waits(1500*time.Millisecond), presses("2"))), far: func(c *siptest.Config) { c.Book.SRTP = media.Offered },
		trunkTo: func(far string, _ int) *sip.Trunk {
			return &sip.Trunk{Name: "far", URI: "sip:robot@" + far, SRTP: media.Required}
		}})
	if q := r.run(number).Quality; !q.Secure || q.MOS < 4 {
		t.Errorf("%+v", q)
	}
}
