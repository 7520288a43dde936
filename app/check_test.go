package app

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"dozvon/sip/siptest"
)

// What a newcomer reads of a good trunk, one that is not there, and one that
// works and deserves a look.
func TestCheckTellsANewcomerWhatIsWrong(t *testing.T) {
	server, err := siptest.Start(t.Context(), siptest.Config{})
	must(t, err)
	defer server.Close()
	closed, err := net.ListenPacket("udp", "127.0.0.1:0")
	must(t, err)
	dead := closed.LocalAddr().String()
	closed.Close()
	file := filepath.Join(t.TempDir(), "d.yaml")
	write(t, file, fmt.Sprintf(`sip: {listen: "127.0.0.1:0"}
trunks:
  - {name: good, uri: %q, caller_ids: ["+74951234567", "+74951234568"], caller_id_column: shown}
  - {name: dead, uri: "sip:robot@%s", caller_id: "+74951234567"}
  - {name: odd, uri: %q, srtp: required, codecs: [pcmu], privacy: id}
  - {name: local, uri: %q, caller_id: "84951234567"}
`, server.URI("robot"), dead, server.URI("robot"), server.URI("robot")))
	var out bytes.Buffer
	err = CheckTrunks(context.Background(), CheckOptions{Config: file, Env: func(string) (string, bool) { return "", false }}, &out, &out)
	if err == nil || ExitCode(err) != 1 || !strings.Contains(err.Error(), "1 of 4 trunks do not work") {
		t.Errorf("%v", err)
	}
	for _, want := range []string{
		"good (sip:robot@", "  ✓ name ", "  ✓ connection  UDP to " + server.Addr().String(), "  ✓ answer      OPTIONS answered with 200",
		"  ✓ login ", "  ✓ sound       PCMA, PCMU, SRTP off", "the column shown", "one of 2 numbers",
		"  ✗ answer      nobody listens on UDP at " + dead, "  does not work\n",
		"  ! sound       PCMU, SRTP required: its keys travel in the clear", "  ! caller ID   none is set", "  ! caller ID   privacy: id",
		"  ! caller ID   84951234567 is not written as an international number", "  works\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not told in:\n%s", want, out.String())
		}
	}
	out.Reset()
	taken, err := net.ListenPacket("udp", "127.0.0.1:0")
	must(t, err)
	defer taken.Close()
	write(t, file, fmt.Sprintf("sip: {listen: %q}\ntrunks: [{uri: %q, caller_id: \"+74951234567\"}]\n", taken.LocalAddr(), server.URI("robot")))
	err = CheckTrunks(context.Background(), CheckOptions{Config: file, Env: func(string) (string, bool) { return "", false }}, &out, &out)
	if err != nil || !strings.Contains(out.String(), "asking from another one") || !strings.Contains(out.String(), "works") {
		t.Errorf("beside a running service: %v\n%s", err, out.String())
	}
	out.Reset()
	err = CheckTrunks(context.Background(), CheckOptions{Trunks: []string{"mailto:x"}, Env: func(string) (string, bool) { return "", false }}, &out, &out)
	if code := ExitCode(err); err == nil || code == 0 {
		t.Errorf("%v ends with %d", err, code)
	}
}
