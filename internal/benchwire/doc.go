// Package benchwire is the other side of the benchmarks: a far end that
// answers every call with as little work as can be, and notes when each of
// its packets came, by the kernel's clock. It knows nothing of dozvon's own
// SIP and media, so that what it says of them is a second opinion.
package benchwire
