package audio

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/zaf/g711"
)

// Format tags of a WAVE file (RFC 2361; Microsoft's mmreg.h).
const (
	tagPCM        = 1
	tagFloat      = 3
	tagALaw       = 6
	tagULaw       = 7
	tagExtensible = 0xFFFE
)

// wavFormat is a fmt chunk that has been checked.
type wavFormat struct {
	channels int
	rate     int
	bytes    int // of one sample of one channel
	sample   func(b []byte) float32
}

func (f *wavFormat) blockAlign() int { return f.channels * f.bytes }

func readFormat(r io.Reader, size uint32) (*wavFormat, error) {
	if size < 16 || size > 1024 {
		return nil, fmt.Errorf("wav: a fmt chunk of %d bytes; the file is damaged, export it again", size)
	}
	b := make([]byte, padded(size))
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, fmt.Errorf("wav: the fmt chunk is cut short (%w); the file is damaged, export it again", err)
	}
	tag := binary.LittleEndian.Uint16(b)
	if tag == tagExtensible {
		if size < 26 {
			return nil, errors.New("wav: an extensible fmt chunk without a subformat; export the file as plain PCM")
		}
		tag = binary.LittleEndian.Uint16(b[24:]) // the GUID begins with the tag
	}
	f := &wavFormat{
		channels: int(binary.LittleEndian.Uint16(b[2:])),
		rate:     int(binary.LittleEndian.Uint32(b[4:])),
	}
	bits := int(binary.LittleEndian.Uint16(b[14:]))
	if f.channels < 1 || f.channels > 2 {
		return nil, fmt.Errorf("wav: %d channels; mono or stereo is needed", f.channels)
	}
	if f.rate < 8000 || f.rate > 48000 {
		return nil, fmt.Errorf("wav: %d samples a second; 8000 to 48000 are read, resample the file", f.rate)
	}
	f.bytes = (bits + 7) / 8
	if f.sample = sampleReader(tag, f.bytes); f.sample == nil {
		return nil, fmt.Errorf("wav: format %d with %d bits is not read; export the file as 16-bit PCM", tag, bits)
	}
	return f, nil
}

// sampleReader returns what reads one sample of the format, scaled to ±32768;
// nil if the format is not known.
func sampleReader(tag uint16, bytes int) func([]byte) float32 {
	le := binary.LittleEndian
	switch {
	case tag == tagPCM && bytes == 1: // unsigned, by tradition
		return func(b []byte) float32 { return (float32(b[0]) - 128) * 256 }
	case tag == tagPCM && bytes == 2:
		return func(b []byte) float32 { return float32(int16(le.Uint16(b))) }
	case tag == tagPCM && bytes == 3:
		return func(b []byte) float32 {
			return float32(int32(b[0])<<8|int32(b[1])<<16|int32(b[2])<<24) / 65536
		}
	case tag == tagPCM && bytes == 4:
		return func(b []byte) float32 { return float32(int32(le.Uint32(b))) / 65536 }
	case tag == tagFloat && bytes == 4:
		return func(b []byte) float32 { return sane(float64(math.Float32frombits(le.Uint32(b)))) }
	case tag == tagFloat && bytes == 8:
		return func(b []byte) float32 { return sane(math.Float64frombits(le.Uint64(b))) }
	case tag == tagALaw && bytes == 1:
		return func(b []byte) float32 { return float32(g711.DecodeAlawFrame(b[0])) }
	case tag == tagULaw && bytes == 1:
		return func(b []byte) float32 { return float32(g711.DecodeUlawFrame(b[0])) }
	}
	return nil
}

// sane scales a floating-point sample, and keeps what is no number or far
// beyond full scale from spreading through the resampling filter.
func sane(v float64) float32 {
	if math.IsNaN(v) {
		return 0
	}
	return float32(min(max(v, -1), 1) * 32768)
}
