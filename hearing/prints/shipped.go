package prints

import (
	"bytes"
	_ "embed"
	"sync"
)

//go:generate go run ./internal/ship -o shipped.jsonl

//go:embed shipped.jsonl
var shippedFile []byte

// shipped are the announcements that come with dozvon: prompts of Asterisk in
// Russian and English (LICENSE-shipped.md). They are what switchboards say; the
// announcements of Russian carriers can't be had under a free licence: those
// are learned from one's own calls.
var shipped = sync.OnceValue(func() []Entry {
	c, err := read(bytes.NewReader(shippedFile))
	if err != nil { // a test reads it
		panic(err)
	}
	for i := range c.entries {
		c.entries[i].Shipped = true
	}
	return c.entries
})
