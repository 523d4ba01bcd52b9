package main

import "testing"

func TestASweepOfTheFormNeverNamesOneFileTwice(t *testing.T) {
	t.Parallel()
	for out, want := range map[string]string{
		"/a/out.ipynb": "/a/out", "/a/runs": "/a/runs", "/a/{region}.ipynb": "/a/{region}-{index}.ipynb",
		"/a/{index}.ipynb": "/a/{index}.ipynb", "/a/{index:03d}-x.ipynb": "/a/{index:03d}-x.ipynb",
	} {
		if got := sweepOutput(out); got != want {
			t.Errorf("%s: %s, want %s", out, got, want)
		}
	}
}
