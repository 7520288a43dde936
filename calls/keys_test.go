package calls

import (
	"testing"

	"dozvon/audio"
)

// A far end that sends every key by telephone-event and by INFO presses it
// once, in whatever order they come. The key 5 is wrong and may be pressed
// once: counted twice, it ends the call as unclear.
func TestKeysThatComeTwice(t *testing.T) {
	t.Parallel()
	for name, infoFirst := range map[string][2]bool{
		"INFO first": {true, true}, "telephone-event first": {false, false}, "INFO, then telephone-event": {true, false}, "telephone-event, then INFO": {false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			person := newRawPhone(t, "person", personHz, audio.ULaw)
			r := newRig(t, rigOptions{nobody: true, trunk: person.address()})
			id := r.place(number)
			person.asked("ACK")
			person.hears(promptHz)
			for i, key := range []byte("52") {
				byInfo := func() { person.info(string(rune(key))); person.told("INFO") }
				if infoFirst[i] {
					byInfo()
					person.press(r, key)
				} else {
					person.press(r, key)
					byInfo()
				}
			}
			if res := r.result(id); res.Keys != "52" || res.List != "rejected" {
				t.Errorf("keys %q, list %q", res.Keys, res.List)
			}
		})
	}
}
