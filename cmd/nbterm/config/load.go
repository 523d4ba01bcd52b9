package config

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// Options are the places to load from. Later ones win: file, environment, flags.
type Options struct {
	File    string          // "" reads none
	Must    bool            // a missing File is a fault
	Environ []string        // KEY=value; NBTERM_* names of settings count
	Flags   map[string]Flag // by setting key
	Actions []string        // what [keys] may bind; nil accepts any name
	// CheckKeys judges the keys as a whole: names that are no key, two actions on
	// one key. Of its faults Key and Problem count. nil accepts any.
	CheckKeys func(keys map[string][]string) []Fault
}

// Flag is a setting given on the command line.
type Flag struct{ Name, Value string } // Name with its dashes

// Loaded is the outcome: the settings and where each came from.
type Loaded struct {
	Config
	File    string // what was read, "" for none
	origins map[string]Origin
}

// Origin says where a value came from.
type Origin struct {
	Kind  string `json:"origin"`          // "default", "file", "environment" or "flag"
	Where string `json:"where,omitempty"` // "config.toml:3", "NBTERM_THEME", "--theme"
}

// Load reads the settings. The error is Faults, with every fault there is; what
// was sound is in Loaded all the same.
func Load(o Options) (Loaded, error) {
	l := loader{o: o, settings: map[string]Setting{}, out: Loaded{Config: Default(), origins: map[string]Origin{}}}
	for _, s := range Settings() {
		l.settings[s.Key] = s
	}
	l.fromFile()
	l.fromEnv()
	l.fromFlags()
	if len(l.faults) > 0 {
		return l.out, l.faults
	}
	return l.out, nil
}

type loader struct {
	o        Options
	settings map[string]Setting
	out      Loaded
	faults   Faults
}

func (l *loader) fault(where, key, format string, args ...any) {
	l.faults = append(l.faults, Fault{Where: where, Key: key, Problem: fmt.Sprintf(format, args...)})
}

func (l *loader) fromFile() {
	if l.o.File == "" {
		return
	}
	data, err := os.ReadFile(l.o.File)
	if errors.Is(err, os.ErrNotExist) && !l.o.Must {
		return
	}
	if err != nil {
		var path *os.PathError
		if errors.As(err, &path) {
			err = path.Err
		}
		l.fault(l.o.File, "", "cannot be read: %v", err)
		return
	}
	l.out.File = l.o.File
	entries, fault := parse(l.o.File, data)
	if fault != nil {
		l.faults = append(l.faults, *fault)
		return
	}
	for _, e := range entries {
		l.entry(e)
	}
	if l.o.CheckKeys == nil || len(l.out.Keys) == 0 {
		return
	}
	for _, f := range l.o.CheckKeys(l.out.Keys) {
		if f.Where = l.out.origins[f.Key].Where; f.Where == "" {
			f.Where = l.o.File // of two that clash one may have its usual keys
		}
		l.faults = append(l.faults, f)
	}
}

func (l *loader) entry(e entry) {
	where := fmt.Sprintf("%s:%d", l.o.File, e.line)
	if action, ok := strings.CutPrefix(e.key, "keys."); ok {
		l.keys(where, action, e.value)
		return
	}
	s, ok := l.settings[e.key]
	switch {
	case ok:
		l.apply(s, e.value, Origin{"file", where})
	case l.isSection(e.key):
		if m, ok := e.value.(map[string]any); !ok || len(m) > 0 {
			l.fault(where, e.key, "is a section: write [%s] and its settings below it", e.key)
		}
	case !l.place(where, e):
		l.faults = append(l.faults, unknown(where, e.key, l.known()))
	}
}

func (l *loader) isSection(key string) bool {
	if key == "keys" || key == "mounts" || key == "servers" {
		return true
	}
	for k := range l.settings {
		if strings.HasPrefix(k, key+".") {
			return true
		}
	}
	return false
}

func (l *loader) known() []string { return slices.Sorted(maps.Keys(l.settings)) }

// keys binds an action to one key or several. An empty list unbinds it.
func (l *loader) keys(where, action string, value any) {
	key := "keys." + action
	if l.o.Actions != nil && !slices.Contains(l.o.Actions, action) {
		l.faults = append(l.faults, unknown(where, key, prefixed("keys.", l.o.Actions)))
		return
	}
	list, ok := value.([]any)
	if s, one := value.(string); one {
		list, ok = []any{s}, true
	}
	keys := []string{}
	for _, v := range list {
		s, isText := v.(string)
		ok = ok && isText && s != ""
		keys = append(keys, s)
	}
	if !ok {
		l.fault(where, key, "is %s, but must be a key such as \"ctrl+r\" or a list of them", shown(value))
		return
	}
	l.out.Keys[action] = keys
	l.out.origins[key] = Origin{"file", where}
}

func prefixed(prefix string, words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = prefix + w
	}
	return out
}

func (l *loader) fromEnv() {
	for _, s := range Settings() {
		for _, kv := range slices.Backward(l.o.Environ) { // as in os.Environ the last one wins
			if value, ok := strings.CutPrefix(kv, s.Env()+"="); ok {
				if value != "" { // empty is unset, as for most programs
					l.apply(s, written(value), Origin{"environment", s.Env()})
				}
				break
			}
		}
	}
}

func (l *loader) fromFlags() {
	for _, s := range Settings() {
		if f, ok := l.o.Flags[s.Key]; ok {
			l.apply(s, written(f.Value), Origin{"flag", f.Name})
		}
	}
}

func (l *loader) apply(s Setting, value any, from Origin) {
	if !s.set(&l.out.Config, value) {
		l.fault(from.Where, s.Key, "is %s, but must be %s", shown(value), s.Allowed)
		return
	}
	l.out.origins[s.Key] = from
}

// shown is a value as a person would write it, cut where it is long.
func shown(value any) string {
	text := fmt.Sprint(value)
	switch value.(type) {
	case string, written:
		text = fmt.Sprintf("%q", value)
	case map[string]any:
		return "a section"
	case []any:
		text = "a list"
	}
	const longest = 60
	if r := []rune(text); len(r) > longest {
		text = string(r[:longest]) + "…"
	}
	return text
}

// Row is one effective setting.
type Row struct {
	Key   string `json:"key"`
	Value any    `json:"value"` // string, int, bool or []string
	Origin
}

// Rows lists every setting and every key that was bound, in the order of Settings.
func (l Loaded) Rows() []Row {
	var rows []Row
	for _, s := range Settings() {
		rows = append(rows, Row{s.Key, s.get(&l.Config), l.origin(s.Key)})
	}
	rows = append(rows, l.placeRows()...)
	for _, action := range slices.Sorted(maps.Keys(l.Keys)) {
		rows = append(rows, Row{"keys." + action, l.Keys[action], l.origin("keys." + action)})
	}
	return rows
}

func (l Loaded) origin(key string) Origin {
	if o, ok := l.origins[key]; ok {
		return o
	}
	return Origin{Kind: "default"}
}

// NearlyVariables are faults for NBTERM_ variables that set nothing but are spelt
// nearly like one that does. Others may be of another program or version.
func NearlyVariables(environ []string) []Fault {
	var names []string
	for _, s := range Settings() {
		names = append(names, s.Env())
	}
	var faults []Fault
	for _, kv := range environ {
		name, _, _ := strings.Cut(kv, "=")
		if !strings.HasPrefix(name, "NBTERM_") || slices.Contains(names, name) {
			continue
		}
		const typos = 3
		if near := nearest(name, names); near != "" && distance(name, near) <= typos {
			faults = append(faults, Fault{Where: name, Problem: "sets nothing; did you mean " + near + "?"})
		}
	}
	return faults
}
