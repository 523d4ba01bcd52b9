package keymap

// Output is one output of a cell, filling the screen.
const Output Context = "output"

// The ids of what can be done with an output.
const (
	OpenOutput = "output.open"
	ToOrigin   = "cell.error-line"

	OutputForm     = "output.next-form"
	OutputFormBack = "output.previous-form"
	OutputNext     = "output.next"
	OutputPrevious = "output.previous"
	OutputSave     = "output.save"
	OutputIn       = "output.zoom-in"
	OutputOut      = "output.zoom-out"
	OutputFit      = "output.fit"
	OutputPlay     = "output.play"
)

func outputs() []Action {
	t := group("show", in(Command),
		Action{ID: OpenOutput, Title: "the output on the whole screen, its other forms, save it", Keys: keys("F")},
		Action{ID: ToOrigin, Title: "the line of a cell that raised the exception", Keys: keys("E")},
	)
	return append(t, group("output", in(Output),
		Action{ID: OutputForm, Title: "the next form of it", Keys: keys("v")},
		Action{ID: OutputFormBack, Title: "the form before", Keys: keys("V")},
		Action{ID: OutputNext, Title: "the next output of the cell", Keys: keys("n", "tab")},
		Action{ID: OutputPrevious, Title: "the output before", Keys: keys("N", "shift+tab")},
		Action{ID: OutputSave, Title: "save this form to a file", Keys: keys("s")},
		Action{ID: OutputIn, Title: "larger", Keys: keys("+", "=")},
		Action{ID: OutputOut, Title: "smaller", Keys: keys("-")},
		Action{ID: OutputFit, Title: "fit to the screen", Keys: keys("0")},
		Action{ID: OutputPlay, Title: "play or stop an animation", Keys: keys("p")},
	)...)
}
