package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"

	"nbterm/tui/form"
)

// rememberedForm is how a form was filled in the last time. Of a secret it holds where
// the value is found, never the value.
type rememberedForm struct {
	Notebook string
	Values   map[string]rememberedValue
	Where    string
	Output   string
}

type rememberedValue struct {
	Text   string
	Secret bool
}

// formFile is where the form of a notebook is remembered.
func (a *app) formFile(notebook string) (string, error) {
	dir, err := a.stateDir()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(notebook))
	return filepath.Join(dir, "forms", hex.EncodeToString(sum[:8])+".json"), nil
}

// lastForm is the form as it was submitted last; the zero one where it never was, or
// where that cannot be read: nothing is lost but keystrokes.
func (a *app) lastForm(notebook string) rememberedForm {
	var last rememberedForm
	file, err := a.formFile(notebook)
	if err != nil {
		return last
	}
	data, err := os.ReadFile(file)
	if err != nil || json.Unmarshal(data, &last) != nil || last.Notebook != notebook {
		return rememberedForm{}
	}
	return last
}

// rememberForm keeps a form for the next time.
func (a *app) rememberForm(notebook string, s form.Submission) {
	last := rememberedForm{Notebook: notebook, Values: map[string]rememberedValue{}, Where: s.Where, Output: s.Output}
	for _, v := range s.Values {
		if !s.Sweep {
			last.Values[v.Name] = rememberedValue{v.Text, v.Secret}
		}
	}
	file, err := a.formFile(notebook)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(file), 0o700)
	}
	var data []byte
	if err == nil {
		data, err = json.Marshal(last)
	}
	if err == nil {
		err = os.WriteFile(file, data, 0o600)
	}
	if err != nil {
		a.logger().Warn("form not remembered", "notebook", notebook, "error", err.Error())
	}
}
