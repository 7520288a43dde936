package audio

import (
	"strings"
	"time"
)

// Rows and columns of the keypad in hertz (ITU-T Q.23).
var (
	dtmfLow  = [4]float64{697, 770, 852, 941}
	dtmfHigh = [4]float64{1209, 1336, 1477, 1633}
)

const dtmfKeys = "123A456B789C*0#D"

// DigitTone returns the pair of tones of a key (0-9 * # A-D) for d, each at
// level as a share of full scale; nil for anything that is no key.
func DigitTone(digit byte, d time.Duration, level float64) []int16 {
	i := strings.IndexByte(dtmfKeys, digit)
	if i < 0 {
		return nil
	}
	return Tone([]float64{dtmfLow[i/4], dtmfHigh[i%4]}, d, level)
}
