package app

import (
	"net/netip"
	"testing"

	"dozvon/calls"
	"dozvon/config"
	"dozvon/dialer"
	"dozvon/media"
)

// An operator who is an account is ready while a phone of theirs is
// registered, and what the group may do reaches the calls.
func TestPhonesOfOperators(t *testing.T) {
	const text = `trunks: [{name: main, uri: "sip:10.0.0.1"}]
phones: {anna: {password: "${P}", srtp: required}, boris: {password: "${P}"}}
operators:
  managers: {addresses: [anna, "sip:vera@10.0.0.5", boris]}
  network: {addresses: ["sip:100@10.0.0.1"], by: refer, transfer: off}
  free: {addresses: [boris], transfer: numbers}
  safe: {addresses: ["sip:vera@10.0.0.5", boris], srtp: required}
  home: {addresses: ["sip:vera@10.0.0.5"], srtp: offered}
`
	cfg, err := config.Parse("dozvon.yaml", []byte(text), func(string) (string, bool) { return "long-enough", true })
	must(t, err)
	s := &station{cfg: cfg, desk: newDesk(cfg)}
	defer s.desk.Close()
	c, err := s.sipConfig(netip.MustParseAddr("127.0.0.1"), 0)
	must(t, err)
	stands := func(address string, want dialer.OperatorState) {
		t.Helper()
		for _, o := range s.desk.Status() {
			if o.Address == address && o.State != want {
				t.Errorf("%s is %s, want %s", address, o.State, want)
			}
		}
	}
	stands("anna", dialer.OperatorOffline)
	stands("sip:vera@10.0.0.5", dialer.OperatorReady)
	c.Registrar.Changed("anna", 2)
	stands("anna", dialer.OperatorReady)
	stands("boris", dialer.OperatorOffline)
	c.Registrar.Changed("anna", 0)
	stands("anna", dialer.OperatorOffline)
	for group, want := range map[string]calls.TransferRules{"managers": {}, "network": {Refuse: true, ByRefer: true}, "free": {Numbers: true}} {
		if got := s.transfers(group); got != want {
			t.Errorf("%s: %+v, want %+v", group, got, want)
		}
	}
	for address, want := range map[string]media.Security{
		"anna": media.Required, "boris": media.Plain, "sip:vera@10.0.0.5": media.Required, "sip:100@10.0.0.1": media.Plain, "sip:nobody@10.0.0.9": media.Plain,
	} {
		if got := s.secure(address); got != want {
			t.Errorf("the sound of %s is %v, want %v", address, got, want)
		}
	}
}
