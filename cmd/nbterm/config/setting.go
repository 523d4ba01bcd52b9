package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Setting is one key of the configuration.
type Setting struct {
	Key     string // as in the file, such as "editor.tab_width"
	Usage   string // one line
	Allowed string // what a value must be
	set     func(c *Config, value any) bool
	get     func(c *Config) any
}

// Env is the environment variable that sets s.
func (s Setting) Env() string {
	return "NBTERM_" + strings.ToUpper(strings.ReplaceAll(s.Key, ".", "_"))
}

// Settings lists every key but those under [keys], which are named after actions.
func Settings() []Setting {
	return append([]Setting{
		choice("theme", "colours; auto asks the terminal for its background",
			func(c *Config) *string { return &c.Theme }, "auto", "dark", "light", "plain"),
		truth("mouse", "clicks and the wheel act",
			func(c *Config) *bool { return &c.Mouse }),
		choice("images", "how pictures are shown; auto asks the terminal",
			func(c *Config) *string { return &c.Images }, "auto", "kitty", "sixel", "iterm2", "blocks", "none"),
		text("kernel.default", "kernel for notebooks that name none; empty picks one",
			func(c *Config) *string { return &c.Kernel.Default }),
		duration("kernel.start_timeout", "how long a kernel may take to answer",
			func(c *Config) *time.Duration { return &c.Kernel.StartTimeout }, time.Second, time.Hour),
		choice("kernel.life", "when a kernel ends by itself: keep is never, idle is after kernel.idle, with-client is as soon as nobody is there",
			func(c *Config) *string { return &c.Kernel.Life }, "keep", "idle", "with-client"),
		duration("kernel.idle", "for kernel.life = \"idle\": how long a kernel stays when nothing runs and nobody is there; 0s is for ever",
			func(c *Config) *time.Duration { return &c.Kernel.Idle }, 0, 10000*time.Hour),
		truth("kernel.spare", "a kernel of the kind used last waits, for a quarter of an hour, for the next notebook of the folder",
			func(c *Config) *bool { return &c.Kernel.Spare }),
		number("editor.tab_width", "columns of a tab stop",
			func(c *Config) *int { return &c.Editor.TabWidth }, 1, 16),
		truth("editor.auto_close", "brackets and quotes close themselves",
			func(c *Config) *bool { return &c.Editor.AutoClose }),
		number("output.max_lines", "rows of one output before it folds; 0 never folds",
			func(c *Config) *int { return &c.Output.MaxLines }, 0, 1_000_000),
		choice("log.level", "what is logged",
			func(c *Config) *string { return &c.Log.Level }, "debug", "info", "warn", "error", "off"),
		number("history.versions", "versions that are kept here of a notebook that the workbench saves; 0 keeps none",
			func(c *Config) *int { return &c.History.Versions }, 0, 10_000),
		number("history.days", "how long they are kept",
			func(c *Config) *int { return &c.History.Days }, 1, 10_000),
		number("history.megabytes", "how much of the disk all of them may take",
			func(c *Config) *int { return &c.History.Megabytes }, 1, 1_000_000),
		number("cache.megabytes", "how much of the disk what was read from buckets and servers may take; 0 keeps nothing",
			func(c *Config) *int { return &c.Cache.Megabytes }, 0, 1_000_000),
		text("log.file", "the log; empty is nbterm.log in the state folder",
			func(c *Config) *string { return &c.Log.File }),
		choice("jobs.sql", "what nbterm run does with a .sql file",
			func(c *Config) *string { return &c.Jobs.SQL }, "sqlite", "psql", "trino", "spark-sql"),
		text("jobs.templates", "folder of notebooks named KIND.ipynb that are used instead of nbterm's own around scripts and queries",
			func(c *Config) *string { return &c.Jobs.Templates }),
	}, s3Settings()...)
}

// A value comes from TOML as string, int64, bool or []any. The environment and
// flags only know text: they give written, which may also spell a number.
type written string

func asText(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case written:
		return string(v), true
	}
	return "", false
}

func choice(key, usage string, field func(*Config) *string, allowed ...string) Setting {
	return Setting{
		Key: key, Usage: usage, Allowed: "one of " + strings.Join(allowed, ", "),
		set: func(c *Config, value any) bool {
			s, ok := asText(value)
			if !ok || !slices.Contains(allowed, s) {
				return false
			}
			*field(c) = s
			return true
		},
		get: func(c *Config) any { return *field(c) },
	}
}

func text(key, usage string, field func(*Config) *string) Setting {
	return Setting{
		Key: key, Usage: usage, Allowed: "text on one line",
		set: func(c *Config, value any) bool {
			s, ok := asText(value)
			if !ok || strings.ContainsAny(s, "\n\r\x00") {
				return false
			}
			*field(c) = s
			return true
		},
		get: func(c *Config) any { return *field(c) },
	}
}

func truth(key, usage string, field func(*Config) *bool) Setting {
	return Setting{
		Key: key, Usage: usage, Allowed: "true or false",
		set: func(c *Config, value any) bool {
			switch v := value.(type) {
			case bool:
				*field(c) = v
				return true
			case written:
				if v == "true" || v == "false" {
					*field(c) = v == "true"
					return true
				}
			}
			return false
		},
		get: func(c *Config) any { return *field(c) },
	}
}

func number(key, usage string, field func(*Config) *int, lowest, highest int) Setting {
	return Setting{
		Key: key, Usage: usage, Allowed: fmt.Sprintf("a whole number from %d to %d", lowest, highest),
		set: func(c *Config, value any) bool {
			n, ok := value.(int64)
			if s, isText := value.(written); isText {
				parsed, err := strconv.ParseInt(string(s), 10, 64)
				n, ok = parsed, err == nil
			}
			if !ok || n < int64(lowest) || n > int64(highest) {
				return false
			}
			*field(c) = int(n)
			return true
		},
		get: func(c *Config) any { return *field(c) },
	}
}

func duration(key, usage string, field func(*Config) *time.Duration, lowest, highest time.Duration) Setting {
	return Setting{
		Key: key, Usage: usage, Allowed: fmt.Sprintf("a duration from %s to %s, such as \"90s\"", short(lowest), short(highest)),
		set: func(c *Config, value any) bool {
			s, _ := asText(value)
			d, err := time.ParseDuration(s)
			if err != nil || d < lowest || d > highest {
				return false
			}
			*field(c) = d
			return true
		},
		get: func(c *Config) any { return short(*field(c)) },
	}
}

// short is a duration without the zero units that Duration.String adds: "1m".
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
