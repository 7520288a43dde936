package audio

import "github.com/zaf/g711"

// Law is a companding law of ITU-T G.711: one byte a sample.
type Law uint8

// The two laws. Their static RTP payload types are 8 and 0 (RFC 3551 6).
const (
	ALaw Law = iota // PCMA
	ULaw            // PCMU
)

// String returns the name of the law's encoding in SDP: PCMA or PCMU.
func (l Law) String() string {
	if l == ULaw {
		return "PCMU"
	}
	return "PCMA"
}

// PayloadType returns the law's static RTP payload type (RFC 3551 6).
func (l Law) PayloadType() uint8 {
	if l == ULaw {
		return 0
	}
	return 8
}

// Silence returns the byte that stands for silence in the law.
func (l Law) Silence() byte {
	if l == ULaw {
		return 0xFF
	}
	return 0xD5
}

// Encode compands pcm into dst under the law. It converts as many samples as
// fit into dst and allocates nothing.
func Encode(l Law, dst []byte, pcm []int16) {
	n := min(len(dst), len(pcm))
	dst, pcm = dst[:n], pcm[:n]
	if l == ULaw {
		for i, s := range pcm {
			dst[i] = g711.EncodeUlawFrame(s)
		}
		return
	}
	for i, s := range pcm {
		dst[i] = g711.EncodeAlawFrame(s)
	}
}

// Decode expands b into dst under the law. It converts as many samples as fit
// into dst and allocates nothing.
func Decode(l Law, dst []int16, b []byte) {
	n := min(len(dst), len(b))
	dst, b = dst[:n], b[:n]
	if l == ULaw {
		for i, c := range b {
			dst[i] = g711.DecodeUlawFrame(c)
		}
		return
	}
	for i, c := range b {
		dst[i] = g711.DecodeAlawFrame(c)
	}
}

// Transcode rewrites src, companded under from, into dst under to. dst and
// src may be the same slice. It converts as many bytes as fit into dst.
func Transcode(to Law, dst []byte, from Law, src []byte) {
	n := min(len(dst), len(src))
	dst, src = dst[:n], src[:n]
	switch {
	case to == from:
		copy(dst, src)
	case to == ULaw:
		for i, c := range src {
			dst[i] = g711.Alaw2UlawFrame(c)
		}
	default:
		for i, c := range src {
			dst[i] = g711.Ulaw2AlawFrame(c)
		}
	}
}

// FillSilence writes the law's silence over b.
func FillSilence(l Law, b []byte) {
	c := l.Silence()
	for i := range b {
		b[i] = c
	}
}
