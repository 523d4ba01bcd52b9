package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestE2EStackOfScreens goes from a notebook to the sessions, to another notebook
// there, and back, as a person does.
func TestE2EStackOfScreens(t *testing.T) {
	t.Parallel()
	needProgram(t, "python3")
	dir := t.TempDir()
	env := sandbox(t, dir)
	for _, name := range []string{"other.ipynb", "first.ipynb"} {
		if err := os.WriteFile(filepath.Join(dir, name), trivial(2), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	other := startPane(t, dir, env, "nbterm", "other.ipynb", "--kernel", "nbterm-python")
	other.see("other.ipynb", "○ idle")
	other.keys("Enter", "-import time; print('be' + 'gun'); time.sleep(600) #")
	other.keys("C-e")
	other.see("begun", "◐ busy")
	other.keys("C-s")
	other.see(" saved ")
	other.keys("q")
	other.ended()

	p := startPane(t, dir, env, "nbterm", "first.ipynb", "--kernel", "nbterm-python")
	p.see("first.ipynb", "○ idle")
	p.keys("Enter", "-kept_here ", "Escape")
	p.see("unsaved", "COMMAND")
	p.keys("w")
	p.see("sessions", "~/first.ipynb", "~/other.ipynb", "◐")
	p.keys("/", "-other", "Enter")
	p.gone("first.ipynb")
	p.see("cell 1: import time")
	p.keys("Enter")
	p.see("other.ipynb", "begun", "◐ busy")
	p.keys("w")
	p.see("~/other.ipynb", "find")
	p.keys("i")
	p.see("Interrupted.")
	p.keys("q")
	p.see("KeyboardInterrupt", "○ idle")
	p.keys("q")
	p.see("unsaved changes")
	p.keys("s")
	p.see("first.ipynb", "kept_here")
	p.keys("w")
	p.see("~/first.ipynb", "2 kernels")
	p.keys("Escape")
	p.see("kept_here")
	p.keys("C-q")
	p.see("first.ipynb has unsaved changes")
	p.keys("s")
	p.ended()
	for name, want := range map[string]string{"first.ipynb": "kept_here", "other.ipynb": "KeyboardInterrupt"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.Contains(string(data), want) {
			t.Errorf("%s holds no %q (%v)", name, want, err)
		}
	}
}

func TestE2EStackEndsAKernelFromTheSessions(t *testing.T) {
	t.Parallel()
	needProgram(t, "python3")
	dir := t.TempDir()
	env := sandbox(t, dir)
	if err := os.WriteFile(filepath.Join(dir, "nb.ipynb"), trivial(2), 0o600); err != nil {
		t.Fatal(err)
	}
	p := startPane(t, dir, env, "nbterm", "nb.ipynb", "--kernel", "nbterm-python")
	p.see("○ idle")
	list := startPane(t, dir, env, "nbterm", "sessions", "--screen")
	list.see("~/nb.ipynb", "1 client ")
	list.keys("K")
	list.see("End the kernel of ~/nb.ipynb?")
	list.keys("y")
	list.see("The kernel has ended")
	p.see("The session was ended from elsewhere")
	list.keys("q")
	list.ended()
}
