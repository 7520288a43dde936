package layers

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// allowed says which rooms of dozvon each room may import. A room is the
// longest prefix listed here. Everything may import internal/….
var allowed = map[string][]string{
	"dialer":          {},
	"dialer/loop":     {"dialer"},
	"dialer/phonesim": {"dialer", "dialer/loop"},
	"audio":           {},
	"hearing":         {"audio"},
	"hearing/engines": {"audio", "hearing"},
	"hearing/bench":   {"audio", "hearing"},
	"media":           {"audio"},
	"sip":             {"media", "audio", "dialer", "sip/siplib"},
	"sip/siplib":      {},
	"sip/siptest":     {"media", "audio", "dialer/phonesim", "sip/siplib"},
	"scenarios":       {"dialer", "audio", "hearing"},
	"store":           {"dialer"},
	"crm":             {"dialer"},
	"web":             {"dialer"},
	"config":          {},
	"calls":           {"dialer", "sip", "media", "audio", "scenarios", "hearing"},
	"app":             {"dialer", "sip", "media", "audio", "scenarios", "store", "crm", "web", "config", "calls", "hearing"},
	"cmd":             {"app", "dialer", "sip", "media", "audio", "scenarios", "store", "crm", "web", "config", "calls", "hearing"},
}

// only says which room alone may import a library.
var only = map[string]string{
	"github.com/emiago/sipgo":          "sip",
	"github.com/mattn/go-sqlite3":      "store",
	"database/sql":                     "store",
	"github.com/pressly/goose/v3":      "store",
	"github.com/danielgtaylor/huma/v2": "web",
	"github.com/coder/websocket":       "hearing/engines",
}

func roomOf(path string) string {
	best := ""
	for room := range allowed {
		if (path == room || strings.HasPrefix(path, room+"/")) && len(room) > len(best) {
			best = room
		}
	}
	return best
}

func TestImportDirections(t *testing.T) {
	root := filepath.Join("..", "..")
	seen := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && rel != "." || d.Name() == "testdata" || rel == "tools") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		seen++
		checkFile(t, path, filepath.ToSlash(filepath.Dir(rel)))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 10 {
		t.Fatalf("only %d files were looked at; the walk is broken", seen)
	}
}

func checkFile(t *testing.T, path, dir string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(dir, "internal") {
		return
	}
	room := roomOf(dir)
	if room == "" {
		t.Errorf("%s: %s is a new room; say in internal/layers what it may import", path, dir)
		return
	}
	for _, spec := range file.Imports {
		name, _ := strconv.Unquote(spec.Path.Value)
		if why := refusal(room, name); why != "" {
			t.Errorf("%s imports %s: %s", path, name, why)
		}
	}
}

// refusal says why a room may not import a package; "" if it may.
func refusal(room, name string) string {
	for lib, owner := range only {
		if (name == lib || strings.HasPrefix(name, lib+"/")) && room != owner && !strings.HasPrefix(room, owner+"/") {
			return "only " + owner + " may"
		}
	}
	inside, ours := strings.CutPrefix(name, "dozvon/")
	if !ours {
		if room == "dialer" && strings.Contains(strings.SplitN(name, "/", 2)[0], ".") {
			return "dialer imports the standard library only"
		}
		return ""
	}
	target := roomOf(inside)
	if strings.HasPrefix(inside, "internal/") || target == room {
		if room == "dialer" && target != room {
			return "dialer imports the standard library only"
		}
		return ""
	}
	for _, ok := range allowed[room] {
		if target == ok || strings.HasPrefix(target, ok+"/") {
			return ""
		}
	}
	return room + " may not know " + target
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct{ room, name string }{
		{"dialer", "dozvon/store"}, {"dialer", "github.com/x/y"}, {"scenarios", "dozvon/sip"},
		{"media", "dozvon/sip"}, {"web", "dozvon/store"}, {"web", "database/sql"}, {"calls", "github.com/emiago/sipgo/sip"},
	} {
		if refusal(c.room, c.name) == "" {
			t.Errorf("%s may import %s, it must not", c.room, c.name)
		}
	}
	for _, c := range []struct{ room, name string }{{"sip", "dozvon/media"}, {"sip/siptest", "github.com/emiago/sipgo"}, {"cmd", "dozvon/sip/siptest"}} {
		if why := refusal(c.room, c.name); why != "" {
			t.Errorf("%s must be allowed to import %s: %s", c.room, c.name, why)
		}
	}
}
