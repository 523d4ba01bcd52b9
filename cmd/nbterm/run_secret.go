package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	xterm "github.com/charmbracelet/x/term"

	"nbterm/engine/params"
)

// secret is a parameter that the kernel is told and nobody else.
type secret struct {
	name  string
	from  string // env:VAR, file:PATH or prompt: where it is, which is no secret
	value string
}

// secrets reads the values that --secret names. Errors never quote a value.
func (a *app) secrets(given []string) ([]secret, error) {
	var all []secret
	for _, text := range given {
		name, from, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			return nil, usagef("--secret takes NAME=env:VAR, NAME=file:PATH or NAME=prompt")
		}
		s := secret{name: name, from: from}
		var err error
		kind, where, _ := strings.Cut(from, ":")
		switch {
		case kind == "env" && where != "":
			s.value, err = a.secretVariable(where)
		case kind == "file" && where != "":
			s.value, err = secretFile(a.expand(where))
		case from == "prompt":
			s.value, err = a.askSecret(name)
		default:
			// What stands there may be the secret itself: it is not repeated.
			return nil, usagef("--secret %s= must be followed by env:VAR, file:PATH or prompt, not by the value: others could read it", name)
		}
		if err != nil {
			return nil, usagef("--secret %s: %w", name, err)
		}
		all = append(all, s)
	}
	return all, nil
}

func (a *app) secretVariable(name string) (string, error) {
	for _, pair := range a.environ {
		if value, ok := strings.CutPrefix(pair, name+"="); ok {
			return value, nil
		}
	}
	return "", fmt.Errorf("there is no variable %s in the environment", name)
}

// secretFile reads a secret; the end of its last line is not part of it.
func secretFile(path string) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r"), nil
}

func (a *app) askSecret(name string) (string, error) {
	f, ok := a.in.(*os.File)
	if !ok || !isTerminal(a.in) {
		return "", errors.New("there is no terminal to ask at; use env:VAR or file:PATH")
	}
	fmt.Fprintf(a.err, "%s (not shown): ", cleanLines(name))
	value, err := xterm.ReadPassword(f.Fd())
	fmt.Fprintln(a.err)
	return string(value), err
}

// secretCode is what the kernel is told, in its language, and the values to hide.
func secretCode(kernel, language string, all []secret) (code string, values, names []string, err error) {
	if len(all) == 0 {
		return "", nil, nil, nil
	}
	set := &params.Set{}
	for _, s := range all {
		set.Put(s.name, s.value)
		values, names = append(values, s.value), append(names, s.name)
	}
	code, err = params.Code(kernel, language, "", set)
	if err != nil {
		return "", nil, nil, usagef("--secret: %w", err)
	}
	return code, values, names, nil
}

// withoutSecrets is the environment of a kernel: the variables that secrets come from
// are not in it.
func (a *app) withoutSecrets(all []secret) []string {
	return slices.DeleteFunc(slices.Clone(a.environ), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return slices.ContainsFunc(all, func(s secret) bool { return s.from == "env:"+name })
	})
}

// secretNames are the names in what --secret was given.
func secretNames(given []string) (names []string) {
	for _, text := range given {
		name, _, _ := strings.Cut(text, "=")
		names = append(names, name)
	}
	return names
}
