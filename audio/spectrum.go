package audio

import "time"

const (
	spectrumWindow = 320  // samples, 40 ms: tones 50 Hz apart are told apart
	spectrumShare  = 0.25 // of a window's energy makes a tone heard
	spectrumFloor  = 50.0 // root mean square below which a window is silence
)

// ToneTime returns for how long a tone of hz is heard in pcm: the time of the
// 40 ms windows in which it has a quarter of the energy or more. It tells
// which voice is in which channel of a recording when each voice is a tone.
func ToneTime(pcm []int16, hz float64) time.Duration {
	bank := NewGoertzelBank(hz)
	var block [spectrumWindow]float64
	var power [1]float64
	heard := 0
	for len(pcm) >= spectrumWindow {
		w := pcm[:spectrumWindow]
		pcm = pcm[spectrumWindow:]
		energy := Energy(w)
		if energy < spectrumFloor*spectrumFloor*spectrumWindow {
			continue
		}
		for i, s := range w {
			block[i] = float64(s)
		}
		bank.Powers(power[:], block[:])
		if power[0] >= spectrumShare*energy {
			heard += spectrumWindow
		}
	}
	return Duration(heard)
}

// HasTone reports whether a tone of hz is heard in pcm for at least 200 ms.
func HasTone(pcm []int16, hz float64) bool { return ToneTime(pcm, hz) >= 200*time.Millisecond }
