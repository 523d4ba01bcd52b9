package check

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// Rule replaces what a pattern finds, before texts are compared.
type Rule struct {
	Pattern *regexp.Regexp
	With    string // as regexp.Expand takes it
}

// Rules reads a file of rules as nbval's --sanitize-with takes it: an INI file in which
// each section, whatever its name, has `regex` and `replace`.
//
//	[times]
//	regex: \d\d:\d\d:\d\d
//	replace: TIME
//
// The patterns are Go's: Python's but for look-around and back references.
func Rules(in io.Reader) ([]Rule, error) {
	var r ruleReader
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		r.line++
		if err := r.take(lines.Text()); err != nil {
			return nil, fmt.Errorf("line %d: %w", r.line, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if err := r.end(); err != nil {
		return nil, err
	}
	return r.rules, nil
}

type ruleReader struct {
	rules   []Rule
	line    int
	section string
	keys    map[string]string
}

func (r *ruleReader) take(line string) error {
	text := strings.TrimSpace(line)
	switch {
	case text == "", text[0] == '#', text[0] == ';':
		return nil
	case text[0] == '[':
		name, ok := strings.CutSuffix(text[1:], "]")
		if !ok {
			return fmt.Errorf("a section ends with ]")
		}
		if err := r.end(); err != nil {
			return err
		}
		r.section, r.keys = name, map[string]string{}
		return nil
	case r.keys == nil:
		return fmt.Errorf("a rule begins with its name, [NAME]")
	}
	at := strings.IndexAny(text, ":=")
	if at < 0 {
		return fmt.Errorf("%q is no KEY: VALUE", text)
	}
	key := strings.ToLower(strings.TrimSpace(text[:at]))
	if key != "regex" && key != "replace" {
		return fmt.Errorf("a rule has regex and replace, and no %s", key)
	}
	r.keys[key] = strings.TrimSpace(text[at+1:])
	return nil
}

// end makes the rule of the section that was read.
func (r *ruleReader) end() error {
	if r.keys == nil {
		return nil
	}
	pattern, ok := r.keys["regex"]
	with, also := r.keys["replace"]
	if !ok || !also {
		return fmt.Errorf("the rule [%s] needs regex and replace", r.section)
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return fmt.Errorf("the rule [%s]: %w", r.section, err)
	}
	r.rules = append(r.rules, Rule{re, template(with)})
	return nil
}

// group is a reference to a group as Python writes it.
var group = regexp.MustCompile(`\\(?:g<(\w+)>|(\d+)|(.))`)

// template writes Python's replacement in Go's words: \1 and \g<name> are ${1} and
// ${name}.
func template(with string) string {
	return group.ReplaceAllStringFunc(strings.ReplaceAll(with, "$", "$$"), func(s string) string {
		m := group.FindStringSubmatch(s)
		switch {
		case m[1] != "" || m[2] != "":
			return "${" + m[1] + m[2] + "}"
		case m[3] == "n":
			return "\n"
		case m[3] == "t":
			return "\t"
		}
		return m[3]
	})
}

func sanitise(text string, rules []Rule) string {
	for _, r := range rules {
		text = r.Pattern.ReplaceAllString(text, r.With)
	}
	return text
}
