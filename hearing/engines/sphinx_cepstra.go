package engines

import (
	"encoding/binary"
	"math"

	"dozvon/audio"
	"dozvon/hearing/keywords"
)

// Cepstra is how many of them the English model of pocketsphinx wants each 10 ms.
const Cepstra = 13

const bytesOfFloat = 4

// wideMean is what is taken off the cepstra: their mean over answers, with the
// silence around them, of development. The mean of each utterance is no use: that
// of one short word would take away what tells it from others. The first, which is
// how loud it is, was set there by what was heard right.
var wideMean = [Cepstra]float32{51.3, -1.54, 1.04, 7.06, -3.88, -0.30, -1.93, -4.43, -1.68, -1.63, 0.97, -0.55, -0.60}

// asLoud is the root mean square that speech is brought to: the first cepstrum
// is how loud it is, and the model has heard people speak into microphones.
const asLoud = 3276.8 // 20 dB below full scale

// Bands are the logarithms of the energies of telephone speech, at audio.Rate, in
// the bands of keywords.Spectrum, in rows of 10 ms, all speech as loud.
func Bands(pcm []int16) [][]float64 {
	even := evened(pcm)
	s := keywords.NewSpectrum()
	var rows [][]float64
	var bands [keywords.Bands]float32
	for at := 0; at+keywords.Window < len(even); at += keywords.Hop {
		s.Row(bands[:], even[at:])
		row := make([]float64, len(bands))
		for i, v := range bands {
			row[i] = float64(v)
		}
		rows = append(rows, row)
	}
	return rows
}

// evened is the sound with its speech as loud as all, after a sample of silence.
func evened(pcm []int16) []int16 {
	gain := 1.0
	if is := loudness(pcm); is > 0 {
		gain = asLoud / is
	}
	out := make([]int16, 1+len(pcm))
	for i, v := range pcm {
		out[1+i] = int16(math.Max(-32768, math.Min(32767, math.Round(gain*float64(v)))))
	}
	return out
}

// loudness is the root mean square of the frames within 15 dB of the loudest.
func loudness(pcm []int16) float64 {
	loudest := 0.0
	for at := 0; at+audio.FrameSamples <= len(pcm); at += audio.FrameSamples {
		loudest = math.Max(loudest, audio.Energy(pcm[at:at+audio.FrameSamples]))
	}
	sum, n := 0.0, 0
	for at := 0; at+audio.FrameSamples <= len(pcm); at += audio.FrameSamples {
		if e := audio.Energy(pcm[at : at+audio.FrameSamples]); e > loudest*0.0316 {
			sum += e
			n += audio.FrameSamples
		}
	}
	if n == 0 {
		return 0
	}
	return math.Sqrt(sum / float64(n))
}

// cepstra are those that the model would have of wide sound, as far as they can be
// told from telephone sound, and as the program reads them from a file: a count,
// then the numbers.
func cepstra(pcm []int16) []byte {
	rows := Bands(pcm)
	out := make([]byte, 0, bytesOfFloat*(1+Cepstra*len(rows)))
	out = binary.NativeEndian.AppendUint32(out, uint32(Cepstra*len(rows)))
	for _, row := range rows {
		for k := range wideOf {
			sum := float64(wideOf[k][0] - wideMean[k])
			for i, v := range row {
				sum += float64(wideOf[k][1+i]) * v
			}
			out = binary.NativeEndian.AppendUint32(out, math.Float32bits(float32(sum)))
		}
	}
	return out
}
