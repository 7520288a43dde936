package reason

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"testing"
)

func TestOf(t *testing.T) {
	dir := t.TempDir()
	_, missing := os.Open(filepath.Join(dir, "missing"))
	_, folder := os.ReadFile(dir)
	link := os.Rename(filepath.Join(dir, "missing"), filepath.Join(dir, "other"))
	_, address := net.Listen("tcp", "192.0.2.1:0")
	for _, c := range []struct {
		err  error
		want string
	}{
		{missing, "no such file or directory"},
		{fmt.Errorf("reading: %w", folder), "is a directory"},
		{link, "no such file or directory"},
		{address, "cannot assign requested address"},
		{io.EOF, "EOF"},
	} {
		if got := Of(c.err); got.Error() != c.want {
			t.Errorf("of %v is left %q, want %q", c.err, got, c.want)
		}
	}
	if !errors.Is(Of(missing), fs.ErrNotExist) {
		t.Error("the kind of the error is lost")
	}
}
