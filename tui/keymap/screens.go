package keymap

// The contexts of the screens that are no notebook. Form is a form whose focus is on
// no text; while it is on one, keys that type do so.
const (
	Sessions Context = "sessions"
	Pager    Context = "pager"
	Diff     Context = "diff"
	Form     Context = "form"
	Field    Context = "field" // a text field of a form has the focus
)

// Everywhere is the group of the actions that every screen has.
const Everywhere = "nbterm"

// helped are the contexts where the usual keys give help; the browser has its own.
func helped() []Context {
	return []Context{Command, Edit, Sessions, Pager, Diff, History, Form, Field, Output}
}

// whole are the contexts of whole screens: each can be closed and left.
func whole() []Context { return append(helped(), Browser) }

// listed are those whose middle is a list or rows to read; all have the same keys.
func listed() []Context { return []Context{Sessions, Pager, Diff, History, Output} }

// The ids of the actions of lists.
const (
	ListUp       = "list.up"
	ListDown     = "list.down"
	ListPageUp   = "list.page-up"
	ListPageDown = "list.page-down"
	ListFirst    = "list.first"
	ListLast     = "list.last"
	ListOpen     = "list.open"
	ListView     = "list.view"
	ListFind     = "list.find"
	ListLeft     = "list.left"
	ListRight    = "list.right"
	ListNext     = "list.next"
	ListPrevious = "list.previous"
	ListBack     = "list.back"
)

// The ids of the actions of the screens.
const (
	OpenSessions = "app.sessions"

	SessionInterrupt = "session.interrupt"
	SessionRestart   = "session.restart"
	SessionKill      = "session.kill"

	PagerWrap = "pager.wrap"

	DiffFold     = "diff.fold"
	DiffOutputs  = "diff.outputs"
	OpenForm     = "app.form"
	OpenDiff     = "app.diff"
	FormRun      = "form.run"
	FormSweep    = "form.sweep"
	FormSchedule = "form.schedule"
	FormNext     = "form.next"
	FormPrevious = "form.previous"
	FormForward  = "form.forward"
	FormBackward = "form.backward"
	FormDefault  = "form.default"
	FormSecret   = "form.secret"
	FormCancel   = "form.cancel"
)

func lists() []Action {
	t := group("list", listed(),
		Action{ID: ListUp, Title: "up", Keys: keys("up", "k")},
		Action{ID: ListDown, Title: "down", Keys: keys("down", "j")},
		Action{ID: ListPageUp, Title: "page up", Keys: keys("pgup", "ctrl+b")},
		Action{ID: ListPageDown, Title: "page down", Keys: keys("pgdown", "space", "ctrl+f")},
		Action{ID: ListFirst, Title: "first", Keys: keys("home", "g")},
		Action{ID: ListLast, Title: "last", Keys: keys("end", "G")},
		Action{ID: ListBack, Title: "forget what was looked for, or close", Keys: keys("esc")},
	)
	t = append(t, group("list", in(Pager, Output),
		Action{ID: ListLeft, Title: "left, in what is wider than the screen", Keys: keys("left")},
		Action{ID: ListRight, Title: "right, in what is wider than the screen", Keys: keys("right")},
	)...)
	t = append(t, group("list", in(Sessions, Pager),
		Action{ID: ListFind, Title: "find", Keys: keys("/")},
	)...)
	t = append(t, group("list", in(Sessions, Diff),
		Action{ID: ListOpen, Title: "open", Keys: keys("enter")},
	)...)
	t = append(t, group("list", in(Sessions),
		Action{ID: ListView, Title: "open to look at only", Keys: keys("v")},
	)...)
	return append(t, group("list", in(Pager, Diff),
		Action{ID: ListNext, Title: "next match, next difference", Keys: keys("n")},
		Action{ID: ListPrevious, Title: "the one before", Keys: keys("N")},
	)...)
}

func screens() []Action {
	t := group("nbterm", in(Command),
		Action{ID: OpenSessions, Title: "sessions: the kernels that run", Keys: keys("w")},
		Action{ID: OpenForm, Title: "run with parameters: the form", Keys: keys("p")},
		Action{ID: OpenDiff, Title: "compare with another notebook or run"},
	)
	t = append(t, group("sessions", in(Sessions),
		Action{ID: SessionInterrupt, Title: "interrupt the kernel", Keys: keys("i")},
		Action{ID: SessionRestart, Title: "restart the kernel", Keys: keys("r")},
		Action{ID: SessionKill, Title: "end the kernel", Keys: keys("K")},
	)...)
	t = append(t, group("comparison", in(Diff),
		Action{ID: DiffFold, Title: "cells that are the same: unfold, or fold", Keys: keys("f")},
		Action{ID: DiffOutputs, Title: "outputs: show, or hide", Keys: keys("o")},
	)...)
	t = append(t, group("form", in(Form, Field),
		Action{ID: FormRun, Title: "run", Keys: keys("enter", "ctrl+r")},
		Action{ID: FormSweep, Title: "sweep: several values a field", Keys: keys("w", "alt+w")},
		Action{ID: FormSchedule, Title: "schedule", Keys: keys("S", "alt+s")},
		Action{ID: FormNext, Title: "next field", Keys: keys("down", "tab", "j")},
		Action{ID: FormPrevious, Title: "field before", Keys: keys("up", "shift+tab", "k")},
		Action{ID: FormDefault, Title: "take the default again", Keys: keys("alt+d")},
		Action{ID: FormSecret, Title: "secret: the value is told to the kernel only", Keys: keys("alt+m")},
		Action{ID: FormCancel, Title: "close the form", Keys: keys("esc")},
	)...)
	t = append(t, group("form", in(Form),
		Action{ID: FormForward, Title: "next choice", Keys: keys("space", "right", "l")},
		Action{ID: FormBackward, Title: "choice before", Keys: keys("left")},
	)...)
	return append(t, group("pager", in(Pager),
		Action{ID: PagerWrap, Title: "wrap long lines, or cut them", Keys: keys("w")},
	)...)
}
