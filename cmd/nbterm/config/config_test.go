package config

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func write(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestDefaultsHoldWhereNothingIsChosen(t *testing.T) {
	t.Parallel()
	got, err := Load(Options{File: filepath.Join(t.TempDir(), "none.toml")})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Config, Default()) || got.File != "" {
		t.Errorf("got %+v from %q", got.Config, got.File)
	}
	for _, row := range got.Rows() {
		if row.Kind != "default" {
			t.Errorf("%s comes from %s", row.Key, row.Kind)
		}
	}
}

func TestDefaultsAreAllowedValues(t *testing.T) {
	t.Parallel()
	for _, s := range Settings() {
		d, c := Default(), Default()
		value := s.get(&d)
		if n, ok := value.(int); ok {
			value = int64(n)
		}
		if !s.set(&c, value) || !reflect.DeepEqual(c, Default()) {
			t.Errorf("%s: its own default %v is refused or changed", s.Key, value)
		}
	}
}

func TestEverySettingIsReadFromTheFile(t *testing.T) {
	t.Parallel()
	got, err := Load(Options{File: write(t, `
theme = "dark"
mouse = false
images = "sixel"
kernel.default = "ir"
kernel.start_timeout = "90s"
editor = { tab_width = 2, auto_close = false }
kernel.idle = "2h"
kernel.life = "with-client"
kernel.spare = false
output.max_lines = 0

[log]
level = "debug"
file = "/tmp/x.log"

[jobs]
sql = "trino"
templates = "~/jobs"

[mounts]
home = "/mnt/efs"
"o'mine" = "~/x"

[servers.lab]
url = "https://hub.example/user/zoe/"
token_env = "LAB_TOKEN"

[history]
versions = 7
days = 8
megabytes = 9

[cache]
megabytes = 0

[s3]
region = "eu-west-1"
acl = "bucket-owner-full-control"

[s3."my.bucket"]
endpoint = "http://localhost:9000"
anonymous = true

[keys]
run = ["ctrl+r", "shift+enter"]
save = "ctrl+s"
cut = []
`)})
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		Theme:   "dark",
		Images:  "sixel",
		Kernel:  Kernel{Default: "ir", StartTimeout: 90 * time.Second, Life: "with-client", Idle: 2 * time.Hour},
		Editor:  Editor{TabWidth: 2},
		Log:     Log{Level: "debug", File: "/tmp/x.log"},
		Jobs:    Jobs{SQL: "trino", Templates: "~/jobs"},
		S3:      S3{Region: "eu-west-1", PathStyle: "auto", ACL: "bucket-owner-full-control"},
		History: History{Versions: 7, Days: 8, Megabytes: 9},
		Places: Places{
			Mounts:  map[string]string{"home": "/mnt/efs", "o'mine": "~/x"},
			Servers: map[string]Server{"lab": {URL: "https://hub.example/user/zoe/", TokenEnv: "LAB_TOKEN"}},
			Buckets: map[string]S3{"my.bucket": {PathStyle: "auto", Endpoint: "http://localhost:9000", Anonymous: true}},
		},
		Keys: map[string][]string{"run": {"ctrl+r", "shift+enter"}, "save": {"ctrl+s"}, "cut": {}},
	}
	mine := S3{Region: "eu-west-1", PathStyle: "auto", ACL: "bucket-owner-full-control", Endpoint: "http://localhost:9000", Anonymous: true}
	if b := got.Bucket("my.bucket"); b != mine {
		t.Errorf("my.bucket is reached by %+v", b)
	}
	if b := got.Bucket("other"); b != got.S3 {
		t.Errorf("another bucket is reached by %+v", b)
	}
	if !reflect.DeepEqual(got.Config, want) {
		t.Errorf("got  %+v\nwant %+v", got.Config, want)
	}
}

func TestFlagsWinOverEnvironmentOverFile(t *testing.T) {
	t.Parallel()
	file := write(t, "theme = \"light\"\nmouse = false\neditor.tab_width = 8\n")
	got, err := Load(Options{
		File:    file,
		Environ: []string{"NBTERM_THEME=dark", "NBTERM_MOUSE=false", "NBTERM_MOUSE=true", "NBTERM_OTHER=1", "NBTERM_LOG_LEVEL=warn", "NBTERM_LOG_LEVEL="},
		Flags:   map[string]Flag{"theme": {"--theme", "plain"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Row{
		"theme":            {"theme", "plain", Origin{"flag", "--theme"}},
		"mouse":            {"mouse", true, Origin{"environment", "NBTERM_MOUSE"}},
		"editor.tab_width": {"editor.tab_width", 8, Origin{"file", file + ":3"}},
		"log.level":        {"log.level", "info", Origin{Kind: "default"}},
	}
	for _, row := range got.Rows() {
		if w, ok := want[row.Key]; ok && !reflect.DeepEqual(row, w) {
			t.Errorf("got %+v, want %+v", row, w)
		}
	}
}

func TestEveryFaultIsReportedAtOnce(t *testing.T) {
	t.Parallel()
	file := write(t, `them = "dark"
mouse = "yes"

[editor]
tab_width = 99
colour = 1

[kernel]
start_timeout = "soon"

[keys]
run = [1]
flyy = "x"
save = "ctrl+"

[nothing]
`)
	_, err := Load(Options{
		File:    file,
		Environ: []string{"NBTERM_LOG_LEVEL=loud", "NBTERM_OUTPUT_MAX_LINES=1e3"},
		Flags:   map[string]Flag{"theme": {"--theme", "blue"}},
		Actions: []string{"run", "save", "fly"},
		CheckKeys: func(keys map[string][]string) []Fault {
			if len(keys) != 1 || len(keys["save"]) != 1 {
				t.Errorf("only sound bindings are to be judged, not %v", keys)
			}
			return []Fault{{Key: "keys.save", Problem: "names \"ctrl+\", which is no key"}, {Key: "keys.fly", Problem: "clashes"}}
		},
	})
	want := []string{
		file + `:1: them is not a setting; did you mean theme?`,
		file + `:2: mouse is "yes", but must be true or false`,
		file + `:5: editor.tab_width is 99, but must be a whole number from 1 to 16`,
		file + `:6: editor.colour is not a setting`,
		file + `:9: kernel.start_timeout is "soon", but must be a duration from 1s to 1h, such as "90s"`,
		file + `:12: keys.run is a list, but must be a key`,
		file + `:13: keys.flyy is not a setting; did you mean keys.fly?`,
		file + `:16: nothing is not a setting; nbterm config lists them`,
		file + `:14: keys.save names "ctrl+", which is no key`,
		file + `: keys.fly clashes`,
		`NBTERM_OUTPUT_MAX_LINES: output.max_lines is "1e3", but must be a whole number from 0 to 1000000`,
		`NBTERM_LOG_LEVEL: log.level is "loud", but must be one of debug, info, warn, error, off`,
		`--theme: theme is "blue", but must be one of auto, dark, light, plain`,
	}
	var faults Faults
	if !errors.As(err, &faults) || len(faults) != len(want) {
		t.Fatalf("%d faults, want %d:\n%v", len(faults), len(want), err)
	}
	for i, w := range want {
		if !strings.HasPrefix(faults[i].String(), w) {
			t.Errorf("got  %s\nwant %s", faults[i], w)
		}
	}
	if !strings.HasPrefix(err.Error(), "the configuration has 13 faults:\n  ") {
		t.Errorf("got %q", err)
	}
}

func TestOneFaultIsOneSentence(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"not TOML":                      {"theme = \n", ":1:9: is not TOML: "},
		"a key written twice":           {"mouse = true\nmouse = false\n", ": is not TOML: "},
		"a section as a value":          {"editor = 3\n", ":1: editor is a section: write [editor]"},
		"keys as a value":               {"keys = 3\n", ":1: keys is a section: write [keys]"},
		"a value as a section":          {"[theme]\nname = \"dark\"\n", ":2: theme.name is not a setting; did you mean theme?"},
		"a setting without its section": {"tab_width = 3\n", ":1: tab_width is not a setting; did you mean editor.tab_width?"},
		"an array of tables":            {"[[keys]]\nrun = \"x\"\n", ":1: keys is a section"},
		"a long value":                  {"theme = \"" + strings.Repeat("é", 500) + "\"\n", "…, but must be one of"},
		"a section inline":              {"editor = { tab_widht = 1 }\n", ":1: editor.tab_widht is not a setting; did you mean editor.tab_width?"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Load(Options{File: write(t, c.text)})
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want one line with %q", err, c.want)
			}
		})
	}
}

func TestAFileThatWasAskedForMustBeThere(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "none.toml")
	if _, err := Load(Options{File: missing, Must: true}); err == nil || !strings.HasPrefix(err.Error(), missing+": cannot be read: no such file") {
		t.Errorf("got %v", err)
	}
	if _, err := Load(Options{File: t.TempDir()}); err == nil || !strings.Contains(err.Error(), "cannot be read: is a directory") {
		t.Errorf("got %v", err)
	}
}

func TestSoundSettingsHoldBesideAFault(t *testing.T) {
	t.Parallel()
	got, err := Load(Options{File: write(t, "theme = \"dark\"\nmouse = 1\n")})
	if err == nil || got.Theme != "dark" || !got.Mouse {
		t.Errorf("got %+v, %v", got.Config, err)
	}
}

func FuzzLoadNeverPanicsAndNamesALine(f *testing.F) {
	for _, s := range []string{
		"theme = \"dark\"", "[keys]\nrun=[\"a\"]", "editor = {tab_width = 1}", "[a.b]\nc=1", "a.b.c = [[1],{x=2}]",
		"\"\" = 1", "\"a.b\".\"c\" = 1", "[[editor]]", "kernel.start_timeout = 1979-05-27", "mouse = +inf",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		entries, fault := parse("f", []byte(text))
		if fault != nil {
			return
		}
		for _, e := range entries {
			if e.line < 1 || e.line > strings.Count(text, "\n")+1 {
				t.Errorf("%q is said to be on line %d", e.key, e.line)
			}
			l := loader{settings: map[string]Setting{}, out: Loaded{Config: Default(), origins: map[string]Origin{}}}
			l.entry(e)
		}
	})
}

func BenchmarkLoad(b *testing.B) {
	file := filepath.Join(b.TempDir(), "config.toml")
	if err := os.WriteFile(file, []byte("theme = \"dark\"\n[keys]\nrun = [\"ctrl+r\"]\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Load(Options{File: file, Environ: os.Environ()}); err != nil {
			b.Fatal(err)
		}
	}
}

func TestOnlySlipsOfOurVariablesAreNoticed(t *testing.T) {
	t.Parallel()
	got := NearlyVariables([]string{"NBTERM_THEM=1", "NBTERM_THEME=dark", "NBTERM_REQUIRE_KERNELS=1", "THEME=1", "NBTERM_EDITOR_TABWIDTH=3"})
	if len(got) != 2 || got[0].String() != "NBTERM_THEM: sets nothing; did you mean NBTERM_THEME?" ||
		got[1].Where != "NBTERM_EDITOR_TABWIDTH" {
		t.Errorf("got %v", got)
	}
}

func TestFaultsOfPlacesAreTold(t *testing.T) {
	t.Parallel()
	_, err := Load(Options{File: write(t, `
mounts.a = "relative"
mounts."b/c" = "/x"
servers.lab.url = "lab:8888"
servers.lab.tokenenv = "X"
s3.bucket.acl = "everyone"
s3.bucket.enpoint = "http://x"
`)})
	var faults Faults
	if !errors.As(err, &faults) || len(faults) != 6 {
		t.Fatalf("got %v", err)
	}
	for i, want := range []string{"absolute path", "cannot stand in efs", "must be a URL", "did you mean servers.lab.token_env", "one of", "did you mean s3.bucket.endpoint"} {
		if !strings.Contains(faults[i].String(), want) {
			t.Errorf("fault %d is %q, want %q in it", i, faults[i], want)
		}
	}
}
