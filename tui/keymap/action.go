package keymap

import "slices"

// Context is where an action applies.
type Context string

// The contexts. Command and Edit are the two modes of a notebook; Text is the cell
// editor, which sees keys before Edit does; Prompt is a line of input (a search,
// an answer to input()); Dialog is a question or a menu.
const (
	Command Context = "command"
	Edit    Context = "edit"
	Text    Context = "text"
	Prompt  Context = "prompt"
	Dialog  Context = "dialog"
)

// Contexts lists them in the order a help screen shows them.
func Contexts() []Context {
	return []Context{Command, Edit, Browser, Sessions, Pager, Diff, History, Output, Control, Form, Field, Text, Prompt, Dialog}
}

// types reports whether printable keys put text in in a context, so that they
// cannot start an action there.
func (c Context) types() bool {
	return c == Edit || c == Text || c == Prompt || c == Field || c == Control
}

// Action is something keys can start.
type Action struct {
	ID    string // stable: config names it
	Title string // what it does, for help and the palette
	Group string // heading in help
	// Where it applies. In Edit, Text and Prompt those of its keys that type a
	// character do not count: "s" and "ctrl+s" save, in Edit only "ctrl+s".
	Contexts []Context
	Keys     []string // as Parse gives them; may be none
}

// In reports whether the action applies in a context.
func (a Action) In(c Context) bool { return slices.Contains(a.Contexts, c) }

// The ids of the actions; those of the editor are in editor.Bindings.
const (
	Save    = "app.save"
	Close   = "app.close"
	Quit    = "app.quit"
	Help    = "app.help"
	Palette = "app.palette"
	Redraw  = "app.redraw"

	RunAdvance = "cell.run-advance"
	RunStay    = "cell.run-stay"
	RunInsert  = "cell.run-insert"
	RunAll     = "cell.run-all"
	RunAbove   = "cell.run-above"
	RunBelow   = "cell.run-below"
	RunStale   = "cell.run-stale"

	Interrupt  = "kernel.interrupt"
	Restart    = "kernel.restart"
	RestartRun = "kernel.restart-run-all"

	EnterEdit   = "mode.edit"
	EnterNormal = "mode.command"

	Up          = "select.up"
	Down        = "select.down"
	First       = "select.first"
	Last        = "select.last"
	ExtendUp    = "select.extend-up"
	ExtendDown  = "select.extend-down"
	ExtendFirst = "select.extend-first"
	ExtendLast  = "select.extend-last"
	SelectAll   = "select.all"
	PageDown    = "view.page-down"
	PageUp      = "view.page-up"
	LineDown    = "view.line-down"
	LineUp      = "view.line-up"
	HalfDown    = "view.half-page-down"
	HalfUp      = "view.half-page-up"

	InsertAbove = "cell.insert-above"
	InsertBelow = "cell.insert-below"
	Delete      = "cell.delete"
	Undo        = "cell.undo"
	Redo        = "cell.redo"
	Cut         = "cell.cut"
	Copy        = "cell.copy"
	PasteBelow  = "cell.paste-below"
	PasteAbove  = "cell.paste-above"
	MoveUp      = "cell.move-up"
	MoveDown    = "cell.move-down"
	Split       = "cell.split"
	Merge       = "cell.merge"
	ToMarkdown  = "cell.to-markdown"
	ToCode      = "cell.to-code"
	ToRaw       = "cell.to-raw"
	Heading1    = "cell.heading-1"
	Heading2    = "cell.heading-2"
	Heading3    = "cell.heading-3"
	Heading4    = "cell.heading-4"
	Heading5    = "cell.heading-5"
	Heading6    = "cell.heading-6"

	ToggleOutput = "output.toggle"
	ReadOutput   = "output.read"
	ClearOutput  = "output.clear"
	ClearAll     = "output.clear-all"

	Complete = "edit.complete"
	Inspect  = "edit.inspect"

	PromptSubmit = "prompt.submit"
	PromptCancel = "prompt.cancel"
	PromptBreak  = "prompt.interrupt"

	DialogAccept = "dialog.accept"
	DialogCancel = "dialog.cancel"
	DialogUp     = "dialog.up"
	DialogDown   = "dialog.down"
	DialogPageUp = "dialog.page-up"
	DialogPageDn = "dialog.page-down"
	DialogFirst  = "dialog.first"
	DialogLast   = "dialog.last"
)
