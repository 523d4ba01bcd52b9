// Package notebook is a lossless .ipynb document. The bytes of the file are kept
// and an edit touches only its own span, so what is not understood travels
// through untouched. No I/O.
//
// A Notebook is a frame, the file with an empty list of cells, and the cells that
// go into its hole with the white space that was around them:
//
//	{ "cells": [  ␣ cell ␣ , ␣ cell ␣ , …  ], "metadata": …, "nbformat": 4 }
//	└── frame ──┘└──────── gaps and cells ──┘└────────── frame ────────────┘
//
// Parse reads the file once: it checks all of it as JSON (Python's kind of it, see
// package rawjson) and notes where the fields of each cell are. Nothing is decoded
// before it is asked for.
//
// A Cell is a base, its bytes in the file, and edits, what it has instead. Edits
// become text when the notebook is written, in the style of the file: its indent
// and line ends, strings or lists of lines, escaped or raw Unicode. Cells and
// Outputs never change, so that a pointer names one version of the content; the
// Notebook is the list that does, and belongs to one goroutine.
//
// Every change returns its inverse. White space belongs to places and not to
// cells, and is part of a Change, so that undo gives the same bytes also where
// separators are uneven.
//
// Formats 2 and 3 are shown as 4.5. Their bytes stay until the first change.
package notebook
