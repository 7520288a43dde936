package sip

import (
	"bytes"
	"errors"
	"strings"
)

// maxMessage is the longest message that a connection may bring, header and
// body; it is as much as a datagram can hold.
const maxMessage = 64 << 10

// What ends a connection: after it, nobody knows where the next message
// begins.
var (
	errHead   = errors.New("a header of more than 16 KB")
	errLength = errors.New("no usable Content-Length")
	errLong   = errors.New("a message of more than 64 KB")
)

// frame finds the first message in what a connection has brought: how many
// bytes of empty lines stand before it, and how long it is with them; 0 if it
// is not whole yet (RFC 3261 section 7.5 and 18.3).
func frame(b []byte) (empty, size int, err error) {
	for empty < len(b) && (b[empty] == '\r' || b[empty] == '\n') {
		empty++
	}
	rest := b[empty:]
	end := bytes.Index(rest[:min(len(rest), maxHead)], []byte("\r\n\r\n"))
	if end < 0 {
		if len(rest) >= maxHead {
			return empty, 0, errHead
		}
		return empty, 0, nil
	}
	length, ok := contentLength(rest[:end+2])
	if !ok {
		return empty, 0, errLength
	}
	if end+4+length > maxMessage {
		return empty, 0, errLong
	}
	if end+4+length > len(rest) {
		return empty, 0, nil
	}
	return empty, empty + end + 4 + length, nil
}

// contentLength reads the one Content-Length of a header.
func contentLength(head []byte) (int, bool) {
	found, seen := 0, false
	for line := range bytes.Lines(head) {
		if line[0] != 'C' && line[0] != 'c' && line[0] != 'l' && line[0] != 'L' {
			continue
		}
		name, value, ok := bytes.Cut(line, []byte(":"))
		n := strings.ToLower(string(bytes.TrimRight(name, " \t")))
		if !ok || n != "content-length" && n != "l" {
			continue
		}
		length, ok := readNumber(string(bytes.TrimSpace(value)), maxMessage)
		if !ok || seen {
			return 0, false
		}
		found, seen = int(length), true
	}
	return found, seen
}
