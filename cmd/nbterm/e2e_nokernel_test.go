package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A notebook whose kernel is not installed can be read, edited and saved.
func TestE2EANotebookWithoutItsKernelOpensAllTheSame(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "nb.ipynb")
	text := `{"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": {"name": "klingon", "display_name": "K", "language": "klingon"}}, "cells": [
 {"id": "a", "cell_type": "code", "metadata": {}, "execution_count": null, "outputs": [], "source": "qapla"}]}`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p := startPane(t, dir, sandbox(t, dir), "nbterm", "nb.ipynb")
	p.see("qapla", "There is no kernel", "no kernel \"klingon\"")
	p.keys("Enter", "z", "z", "C-s")
	p.see(" saved ")
	p.keys("Escape")
	p.see("COMMAND")
	p.keys("q")
	p.ended()
	if data, err := os.ReadFile(path); err != nil || !strings.Contains(string(data), "zz") || !strings.Contains(string(data), "klingon") {
		t.Errorf("saved %s, %v", data, err)
	}
}
