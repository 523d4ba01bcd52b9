package notebook_test

import (
	"bytes"
	"testing"
)

// old is a notebook of nbformat 3.
const old = `{
 "metadata": {"name": "old"},
 "nbformat": 3,
 "nbformat_minor": 0,
 "worksheets": [{"cells": [
  {"cell_type": "code", "collapsed": false, "input": ["x = 1"], "language": "python", "metadata": {}, "outputs": []}
 ], "metadata": {}}]
}
`

func TestAnOldFormatIsUpgradedOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	d := openBytes(t, 80, 24, []byte(old))
	d.see("x = 1", "○ idle")
	d.press("enter", "#", "esc", "s")
	d.see("is of an old format")
	d.press("esc")
	d.gone("is of an old format")
	if got := d.read(d.path); !bytes.Equal(got, []byte(old)) {
		t.Fatalf("the file was written:\n%s", got)
	}
	d.press("s")
	d.see("is of an old format")
	d.press("u")
	d.see("saved ")
	if got := d.read(d.path); !bytes.Contains(got, []byte(`"nbformat": 4`)) || !bytes.Contains(got, []byte("#x = 1")) {
		t.Errorf("the file is\n%s", got)
	}
}
