package app

import "dozvon/dialer"

// codeTexts are the reasons of dialer.Explain in words.
var codeTexts = map[dialer.Code]string{
	dialer.CodeCallable:   "nothing forbids a call now",
	dialer.CodeDone:       "the lead has ended on a list",
	dialer.CodeSuppressed: "the number is on the do-not-call list",
	dialer.CodeDialing:    "a call to this lead is up",
	dialer.CodeWaiting:    "its next call is planned for later",
	dialer.CodePromised:   "a call was promised for a later moment",
	dialer.CodeWindow:     "it is outside the campaign's hours where the lead is",
	dialer.CodeHours:      "it is outside the lawful hours where the lead is",
	dialer.CodePerDay:     "today's attempts of the plan are used up",
	dialer.CodeCapDay:     "the lawful number of talks a day is reached",
	dialer.CodeCapWeek:    "the lawful number of talks a week is reached",
	dialer.CodeCapMonth:   "the lawful number of talks a month is reached",
	dialer.CodeNever:      "no moment within 400 days is allowed by window and law together",
	dialer.CodePaused:     "the campaign is paused",
	dialer.CodeNotRunning: "the campaign is not running",
	dialer.CodeLines:      "every line is taken",
	dialer.CodeTrunk:      "the trunk is out of service",
	dialer.CodeNumberHour: "this number was called as often as limits allow in an hour",
	dialer.CodeNumberDay:  "this number was called as often as limits allow in 24 hours",
	dialer.CodeCallsHour:  "the limit of calls an hour is reached",
	dialer.CodeForbidden:  "limits do not allow calls to this number",
	dialer.CodeUnsent:     "its last call failed on our side before it left, and is tried again",
	dialer.CodeStalled:    "calls of the campaign fail on our side before they leave; one at a time tries again",
	dialer.CodeOverloaded: "the machine is at its limit, and the calls that are up come first",
}

// codeText words a code; one that is new here is shown as it is.
func codeText(c dialer.Code) string {
	if t, ok := codeTexts[c]; ok {
		return t
	}
	return string(c)
}
