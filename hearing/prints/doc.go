// Package prints knows announcements again: "the subscriber is switched off",
// "the number does not exist", the greeting of a voicemail. A print is what
// remains of an announcement, 16 bits per 20 ms; two seconds of it, heard from
// anywhere in the middle, through codecs, loss and noise, are enough.
//
// The recipe is that of Haitsma and Kalker ("A Highly Robust Audio
// Fingerprinting System", ISMIR 2002) over the telephone's band. A Library of
// prints is immutable and shared by all calls; a Matcher listens to one call;
// a Shelf holds the library of the moment, shipped and learned.
//
// It must never know SIP, RTP, leads, scenarios or the store, and it reads no
// clock: sound is its time. It keeps no audio: a print can't be played.
package prints
