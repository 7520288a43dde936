package sip

import "dozvon/dialer"

// This file is the one table from what the network said to what it means for
// the attempt. Sources:
//
//	[3261]  RFC 3261 section 21, SIP status codes
//	[3326]  RFC 3326, the Reason header: Reason: Q.850;cause=17;text="..."
//	[3398]  RFC 3398 sections 7.2.4.1 and 8.2.6.1, SIP ↔ ISUP causes
//	[Q.850] ITU-T Q.850 (10/2018) section 2.2.7, cause values
//	[8197]  RFC 8197, 607 Unwanted; [8688] RFC 8688, 608 Rejected
//	[field] what carriers are seen to send
//
// docs in causes.md are written from it by a test.

// meaning is one row of the table.
type meaning struct {
	code        int
	disposition dialer.Disposition
	firm        bool // SIP only: stands even if a Q.850 cause says otherwise
	words       string
	source      string
}

// sipCauses says what a final SIP status of an INVITE means. A status that is
// not listed means what its class (x00) means, [3261] section 8.1.3.2.
var sipCauses = []meaning{
	{300, dialer.Unreachable, false, "the number answers elsewhere (multiple choices)", "[3261]"},
	{301, dialer.Unreachable, false, "the number has moved", "[3261]"},
	{302, dialer.Unreachable, false, "the call is forwarded elsewhere", "[3261]"},
	{305, dialer.Failed, false, "the trunk wants another proxy: put it into the trunk's URI", "[3261]"},
	{380, dialer.Unreachable, false, "the network offers another service", "[3261]"},
	{400, dialer.Failed, false, "the far end could not read the request", "[3261]"},
	{401, dialer.Failed, true, "user name or password refused", "[3261]"},
	{402, dialer.Failed, false, "payment required: check the balance at the carrier", "[field]"},
	{403, dialer.Failed, false, "forbidden: check the caller ID, the destination and the balance at the carrier", "[field]"},
	{404, dialer.Invalid, false, "the number does not exist", "[3398] cause 1"},
	{405, dialer.Failed, false, "the far end does not take calls this way", "[3261]"},
	{406, dialer.Failed, false, "not acceptable", "[3261]"},
	{407, dialer.Failed, true, "user name or password refused", "[3261]"},
	{408, dialer.Unreachable, false, "the far end did not answer in time", "[3398] cause 18, 102; no_answer if it rang"},
	{410, dialer.Invalid, true, "the number is no longer in use", "[3398] cause 22"},
	{413, dialer.Failed, false, "the request is too large for the far end", "[3261]"},
	{415, dialer.Failed, false, "no media format in common", "[3261]"},
	{420, dialer.Failed, false, "the far end lacks an extension", "[3261]"},
	{480, dialer.Unreachable, false, "temporarily unavailable: switched off or out of coverage", "[3398] cause 18, 19, 20, 31"},
	{481, dialer.Congestion, false, "the network lost the call", "[3261]"},
	{482, dialer.Congestion, false, "the network sent the call in a loop", "[3398] cause 25"},
	{483, dialer.Congestion, false, "the call took too many hops", "[3398] cause 25"},
	{484, dialer.Invalid, true, "the number is incomplete", "[3398] cause 28"},
	{485, dialer.Invalid, false, "the number is ambiguous", "[3398] cause 1"},
	{486, dialer.Busy, true, "busy", "[3398] cause 17"},
	{487, dialer.NoAnswer, false, "ended before an answer", "[3261]"},
	{488, dialer.Failed, false, "no codec in common (PCMA and PCMU are offered)", "[3261]"},
	{491, dialer.Congestion, false, "another request is pending", "[3261]"},
	{493, dialer.Failed, false, "the far end could not read the body", "[3261]"},
	{500, dialer.Congestion, false, "the network failed", "[3398] cause 41"},
	{501, dialer.Congestion, false, "the network can't carry the call", "[3398] cause 79"},
	{502, dialer.Congestion, false, "the network failed", "[3398] cause 38"},
	{503, dialer.Congestion, false, "the network is congested", "[3398] cause 34, 38, 41, 42, 44, 47"},
	{504, dialer.Congestion, false, "the network timed out", "[3398] cause 102"},
	{580, dialer.Congestion, false, "the network lacks resources", "RFC 3312 section 8"},
	{600, dialer.Busy, true, "busy everywhere", "[3398] cause 17"},
	{603, dialer.Declined, false, "declined", "[3398] cause 21"},
	{604, dialer.Invalid, true, "the number exists nowhere", "[3398] cause 1"},
	{606, dialer.Failed, false, "no codec in common (PCMA and PCMU are offered)", "[3261]"},
	{607, dialer.Declined, true, "unwanted by the person called", "[8197]"},
	{608, dialer.Declined, true, "rejected by an analytics service of the network", "[8688]"},
}

// sipClasses are the meanings of whole classes, by the first digit.
var sipClasses = []meaning{
	{3, dialer.Unreachable, false, "the call is redirected", "[3261]"},
	{4, dialer.Failed, false, "the request was refused", "[3261]"},
	{5, dialer.Congestion, false, "the network failed", "[3261]"},
	{6, dialer.Declined, false, "refused everywhere", "[3261]"},
}

// q850Causes says what a Q.850 cause means. Causes that are not listed, and
// 16, 31 and 127, which say nothing, leave the word to the SIP status.
var q850Causes = []meaning{
	{1, dialer.Invalid, false, "unallocated number", "[Q.850]"},
	{2, dialer.Congestion, false, "no route to the transit network", "[Q.850]"},
	{3, dialer.Unreachable, false, "no route to the destination", "[Q.850]; [field] sent for live numbers too"},
	{17, dialer.Busy, false, "user busy", "[Q.850]"},
	{18, dialer.Unreachable, false, "no user responding", "[Q.850]; no_answer if it rang"},
	{19, dialer.NoAnswer, false, "no answer from the user, who was alerted", "[Q.850]"},
	{20, dialer.Unreachable, false, "subscriber absent", "[Q.850]"},
	{21, dialer.Declined, false, "call rejected", "[Q.850]"},
	{22, dialer.Invalid, false, "number changed", "[Q.850]"},
	{23, dialer.Unreachable, false, "redirected to a new destination", "[Q.850]"},
	{25, dialer.Congestion, false, "exchange routing error", "[Q.850]"},
	{26, dialer.NoAnswer, false, "answered elsewhere (non-selected user clearing)", "[Q.850]"},
	{27, dialer.Unreachable, false, "destination out of order", "[Q.850]"},
	{28, dialer.Invalid, false, "invalid number format", "[Q.850]"},
	{29, dialer.Congestion, false, "facility rejected", "[Q.850]"},
	{34, dialer.Congestion, false, "no circuit available", "[Q.850]"},
	{38, dialer.Congestion, false, "network out of order", "[Q.850]"},
	{41, dialer.Congestion, false, "temporary failure", "[Q.850]"},
	{42, dialer.Congestion, false, "switching equipment congestion", "[Q.850]"},
	{43, dialer.Congestion, false, "access information discarded", "[Q.850]"},
	{44, dialer.Congestion, false, "requested circuit not available", "[Q.850]"},
	{46, dialer.Congestion, false, "precedence call blocked", "[Q.850]"},
	{47, dialer.Congestion, false, "resource unavailable", "[Q.850]"},
	{50, dialer.Failed, false, "facility not subscribed", "[Q.850]"},
	{52, dialer.Failed, false, "outgoing calls barred", "[Q.850]"},
	{54, dialer.Declined, false, "incoming calls barred", "[Q.850]"},
	{55, dialer.Declined, false, "incoming calls barred within the group", "[Q.850]"},
	{57, dialer.Failed, false, "bearer capability not authorised", "[Q.850]"},
	{58, dialer.Congestion, false, "bearer capability not available now", "[Q.850]"},
	{63, dialer.Congestion, false, "service not available", "[Q.850]"},
	{65, dialer.Failed, false, "bearer capability not implemented", "[Q.850]"},
	{79, dialer.Failed, false, "service not implemented", "[Q.850]"},
	{87, dialer.Declined, false, "not a member of the closed user group", "[Q.850]"},
	{88, dialer.Failed, false, "incompatible destination", "[Q.850]"},
	{102, dialer.Congestion, false, "recovery on timer expiry", "[Q.850]"},
	{111, dialer.Failed, false, "protocol error", "[Q.850]"},
}

func find(rows []meaning, code int) (meaning, bool) {
	for _, r := range rows {
		if r.code == code {
			return r, true
		}
	}
	return meaning{}, false
}

// interpret says what a final status of an INVITE, with the Q.850 cause of
// its Reason header if there was one, means. rang says that the far end rang.
//
// A Q.850 cause is what the telephone network itself said and wins over a SIP
// status, which gateways often make generic, unless the status is firm.
func interpret(code, q850 int, rang bool) (dialer.Disposition, string) {
	row, ok := find(sipCauses, code)
	if !ok {
		row, ok = find(sipClasses, code/100)
	}
	if !ok {
		row = meaning{disposition: dialer.Failed, words: "an unknown answer"}
	}
	unanswered := code == 408
	if !row.firm {
		if q, ok := find(q850Causes, q850); ok {
			row, unanswered = q, q850 == 18
		}
	}
	if unanswered && rang {
		return dialer.NoAnswer, "nobody answered"
	}
	return row.disposition, row.words
}

// trunkFailure says whether a final status shows that the trunk itself, and
// not the way beyond it, failed. provisional: a 1xx came before; credentials:
// the INVITE carried them.
func trunkFailure(code, q850 int, provisional, credentials bool) dialer.TrunkFailure {
	switch {
	case code == 401, code == 407:
		return dialer.TrunkRejected
	case code == 403 && credentials && !provisional && q850 == 0:
		return dialer.TrunkRejected
	case code == 503 && !provisional && q850 == 0:
		return dialer.TrunkUnavailable
	}
	return dialer.TrunkOK
}
