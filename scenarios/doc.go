// Package scenarios is the language in which a user writes what the robot
// says and does on a call: a YAML file, checked as a whole before anyone is
// called, and a session, a pure state machine that plays it on one call.
//
// It must never know SIP, RTP, audio samples, a database or a clock: a
// session takes (now, event) and returns actions, and somebody else performs
// them. Values of leads are data: they fill the holes of a template and never
// become template code, file names, or anything that is executed.
package scenarios
