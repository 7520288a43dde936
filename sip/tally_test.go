package sip

import "testing"

func TestMessagesAreTalliedByTheirStartLine(t *testing.T) {
	var c tally
	for _, text := range []string{"INVITE sip:a@b SIP/2.0\r\n", "ACK sip:a SIP/2.0", "BYE sip:a SIP/2.0", "BYE sip:a SIP/2.0", "CANCEL sip:a SIP/2.0",
		"OPTIONS sip:a SIP/2.0", "SIP/2.0 200 OK", "\r\n\r\n", "", "\x00\x01 \x02", "INVITE", "SIPPY cup"} {
		c.add([]byte(text))
	}
	want := Tally{Invites: 1, Acks: 1, Byes: 2, Cancels: 1, Requests: 2, Responses: 1, Other: 4}
	if got := c.read(); got != want {
		t.Errorf("tallied %+v, want %+v", got, want)
	}
}
