package audio

import (
	"encoding/binary"
	"fmt"
	"io"
)

// WAVHeaderSize is the length of what WAVHeader returns.
const WAVHeaderSize = 44

// WAVHeader returns the header of a 16-bit PCM file at Rate whose samples
// take dataBytes bytes. Written again over itself, it lets a file that is
// still growing be read at any moment.
func WAVHeader(channels int, dataBytes uint32) [WAVHeaderSize]byte {
	var h [WAVHeaderSize]byte
	le := binary.LittleEndian
	copy(h[0:], "RIFF")
	le.PutUint32(h[4:], dataBytes+WAVHeaderSize-8)
	copy(h[8:], "WAVEfmt ")
	le.PutUint32(h[16:], 16)
	le.PutUint16(h[20:], tagPCM)
	le.PutUint16(h[22:], uint16(channels))
	le.PutUint32(h[24:], Rate)
	le.PutUint32(h[28:], uint32(Rate*2*channels))
	le.PutUint16(h[32:], uint16(2*channels))
	le.PutUint16(h[34:], 16)
	copy(h[36:], "data")
	le.PutUint32(h[40:], dataBytes)
	return h
}

// WriteWAV writes a 16-bit PCM file at Rate. There is one slice a channel;
// shorter ones are filled up with silence.
func WriteWAV(w io.Writer, channels int, pcm ...[]int16) error {
	if channels < 1 || channels > 2 || len(pcm) != channels {
		return fmt.Errorf("wav: %d channels with %d slices of samples; one slice a channel, one or two channels", channels, len(pcm))
	}
	n := 0
	for _, p := range pcm {
		n = max(n, len(p))
	}
	if n > MaxClip {
		return fmt.Errorf("wav: %v is longer than an hour", Duration(n))
	}
	b := make([]byte, WAVHeaderSize+2*n*channels)
	h := WAVHeader(channels, uint32(2*n*channels))
	copy(b, h[:])
	for c, p := range pcm {
		for i, s := range p {
			binary.LittleEndian.PutUint16(b[WAVHeaderSize+2*(i*channels+c):], uint16(s))
		}
	}
	_, err := w.Write(b)
	return err
}
