// Package engines has the recognisers that are not dozvon's own: a Vosk
// server, pocketsphinx, a transcription service; and the chain that puts one
// behind the other, so that a person is still heard when a server is not.
//
// What a server or a program answers is not to be trusted: its messages are
// bounded in size and in time, and what it says counts only where it is one
// clear answer. When in doubt nothing was said: a call always has its keys.
// The package must never know SIP, leads or scenarios. Its clocks measure
// servers and programs, never speech: sound is the time of what was said.
package engines
