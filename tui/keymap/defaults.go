package keymap

import "nbterm/tui/editor"

// Defaults is the table of all actions with JupyterLab's keys where it has one,
// and beside each key that not every terminal sends one that every terminal does.
func Defaults() []Action {
	var all []Action
	for _, t := range [][]Action{general(), running(), moving(), cells(), looks(), browsing(), histories(), editing(), prompts(), dialogs(), text(), screens(), outputs(), controls(), lists()} {
		all = append(all, t...)
	}
	return all
}

func general() []Action {
	t := group("nbterm", in(Command, Edit),
		Action{ID: Save, Title: "save", Keys: keys("ctrl+s", "s")},
	)
	t = append(t, group("nbterm", helped(),
		Action{ID: Help, Title: "help", Keys: keys("?", "h", "f1")},
	)...)
	t = append(t, group("nbterm", whole(),
		Action{ID: Palette, Title: "all actions", Keys: keys(":", "ctrl+p")},
		Action{ID: Redraw, Title: "draw the screen again", Keys: keys("ctrl+l")},
	)...)
	return append(t, group("nbterm", append(whole(), Prompt, Control),
		Action{ID: Close, Title: "close this screen", Keys: keys("q")},
		Action{ID: Quit, Title: "quit: close all screens", Keys: keys("ctrl+q")},
	)...)
}

func running() []Action {
	t := group("run", in(Command, Edit),
		Action{ID: RunAdvance, Title: "run, go to the next cell", Keys: keys("shift+enter", "ctrl+r")},
		Action{ID: RunStay, Title: "run, stay", Keys: keys("ctrl+enter", "ctrl+e")},
		Action{ID: RunInsert, Title: "run, insert a cell below", Keys: keys("alt+enter")},
		Action{ID: RunAll, Title: "run all cells", Keys: keys("alt+r")},
	)
	return append(t, group("run", in(Command),
		Action{ID: RunAbove, Title: "run all cells above", Keys: keys("A")},
		Action{ID: RunBelow, Title: "run this cell and all below", Keys: keys("B")},
		Action{ID: RunStale, Title: "run the stale cells in order", Keys: keys("R")},
		Action{ID: Interrupt, Title: "interrupt the kernel", Keys: keys("i i")},
		Action{ID: Restart, Title: "restart the kernel", Keys: keys("0 0")},
		Action{ID: RestartRun, Title: "restart the kernel and run all"},
	)...)
}

func moving() []Action {
	t := group("move and select", in(Command, Edit),
		Action{ID: Up, Title: "cell above; while editing from the first row", Keys: keys("up", "k")},
		Action{ID: Down, Title: "cell below; while editing from the last row", Keys: keys("down", "j")},
		Action{ID: EnterNormal, Title: "command mode", Keys: keys("esc")},
	)
	return append(t, group("move and select", in(Command),
		Action{ID: EnterEdit, Title: "edit the cell", Keys: keys("enter")},
		Action{ID: First, Title: "first cell", Keys: keys("g g", "home", "ctrl+home", "ctrl+up")},
		Action{ID: Last, Title: "last cell", Keys: keys("G", "end", "ctrl+end", "ctrl+down")},
		Action{ID: ExtendUp, Title: "extend the selection up", Keys: keys("shift+up", "K")},
		Action{ID: ExtendDown, Title: "extend the selection down", Keys: keys("shift+down", "J")},
		Action{ID: ExtendFirst, Title: "extend the selection to the first cell", Keys: keys("shift+home")},
		Action{ID: ExtendLast, Title: "extend the selection to the last cell", Keys: keys("shift+end")},
		Action{ID: SelectAll, Title: "select all cells", Keys: keys("ctrl+a")},
		Action{ID: PageDown, Title: "page down", Keys: keys("space", "pgdown", "ctrl+f")},
		Action{ID: PageUp, Title: "page up", Keys: keys("shift+space", "pgup", "ctrl+b")},
		Action{ID: HalfDown, Title: "half a page down", Keys: keys("ctrl+d")},
		Action{ID: HalfUp, Title: "half a page up", Keys: keys("ctrl+u")},
		Action{ID: LineDown, Title: "scroll a row down", Keys: keys("]", "alt+down")},
		Action{ID: LineUp, Title: "scroll a row up", Keys: keys("[", "alt+up")},
	)...)
}

func cells() []Action {
	t := group("cells", in(Command),
		Action{ID: InsertAbove, Title: "insert a cell above", Keys: keys("a")},
		Action{ID: InsertBelow, Title: "insert a cell below", Keys: keys("b")},
		Action{ID: Delete, Title: "delete", Keys: keys("d d")},
		Action{ID: Undo, Title: "undo", Keys: keys("z")},
		Action{ID: Redo, Title: "redo", Keys: keys("Z")},
		Action{ID: Cut, Title: "cut", Keys: keys("x")},
		Action{ID: Copy, Title: "copy", Keys: keys("c")},
		Action{ID: PasteBelow, Title: "paste below", Keys: keys("v")},
		Action{ID: PasteAbove, Title: "paste above", Keys: keys("V")},
		Action{ID: MoveUp, Title: "move up", Keys: keys("ctrl+shift+up", "alt+k")},
		Action{ID: MoveDown, Title: "move down", Keys: keys("ctrl+shift+down", "alt+j")},
		Action{ID: Merge, Title: "merge the selected, or with the one below", Keys: keys("M")},
		Action{ID: ToMarkdown, Title: "make it markdown", Keys: keys("m")},
		Action{ID: ToCode, Title: "make it code", Keys: keys("y")},
		Action{ID: ToRaw, Title: "make it raw", Keys: keys("r")},
		Action{ID: Heading1, Title: "make it a heading", Keys: keys("1")},
		Action{ID: Heading2, Title: "heading of level 2", Keys: keys("2")},
		Action{ID: Heading3, Title: "heading of level 3", Keys: keys("3")},
		Action{ID: Heading4, Title: "heading of level 4", Keys: keys("4")},
		Action{ID: Heading5, Title: "heading of level 5", Keys: keys("5")},
		Action{ID: Heading6, Title: "heading of level 6", Keys: keys("6")},
	)
	return append(t, group("cells", in(Command, Edit),
		Action{ID: Split, Title: "split at the cursor", Keys: keys("ctrl+shift+-", "ctrl+shift+_", "ctrl+g")},
	)...)
}

func looks() []Action {
	return group("show", in(Command),
		Action{ID: ToggleOutput, Title: "fold or unfold the output", Keys: keys("o")},
		Action{ID: ReadOutput, Title: "read the output, with search", Keys: keys("O")},
		Action{ID: ClearOutput, Title: "clear the output"},
		Action{ID: ClearAll, Title: "clear all outputs"},
	)
}

// Tab and shift+tab reach these where the editor does not indent with them: after
// text on the line.
func editing() []Action {
	return group("help while typing", in(Edit),
		Action{ID: Complete, Title: "complete", Keys: keys("tab", "ctrl+space")},
		Action{ID: Inspect, Title: "explain what is at the cursor", Keys: keys("shift+tab", "alt+i")},
	)
}

func prompts() []Action {
	return group("prompt", in(Prompt),
		Action{ID: PromptSubmit, Title: "send", Keys: keys("enter")},
		Action{ID: PromptCancel, Title: "leave", Keys: keys("esc")},
		Action{ID: PromptBreak, Title: "interrupt", Keys: keys("ctrl+c")},
	)
}

func dialogs() []Action {
	return group("dialog", in(Dialog),
		Action{ID: DialogAccept, Title: "choose", Keys: keys("enter")},
		Action{ID: DialogCancel, Title: "close", Keys: keys("esc", "q", "ctrl+c", "ctrl+q")},
		Action{ID: DialogUp, Title: "up", Keys: keys("up", "k")},
		Action{ID: DialogDown, Title: "down", Keys: keys("down", "j")},
		Action{ID: DialogPageUp, Title: "page up", Keys: keys("pgup", "b")},
		Action{ID: DialogPageDn, Title: "page down", Keys: keys("pgdown", "space")},
		Action{ID: DialogFirst, Title: "first", Keys: keys("home", "g")},
		Action{ID: DialogLast, Title: "last", Keys: keys("end", "G")},
	)
}

// text takes the editor's own commands in.
func text() []Action {
	var out []Action
	for _, b := range editor.Bindings() {
		out = append(out, Action{ID: string(b.Command), Title: b.Title, Keys: b.Keys})
	}
	return group("text", in(Text), out...)
}

func group(name string, contexts []Context, actions ...Action) []Action {
	for i := range actions {
		actions[i].Contexts, actions[i].Group = contexts, name
	}
	return actions
}

func in(c ...Context) []Context { return c }

func keys(k ...string) []string { return k }
