package keymap

// Control is a widget among the outputs of a cell that has the focus.
const Control Context = "control"

// The ids of what can be done with widgets. Space presses too: being a character, it
// cannot be bound where text may be typed.
const (
	ControlEnter    = "control.enter"
	ControlNext     = "control.next"
	ControlPrevious = "control.previous"
	ControlLeave    = "control.leave"
	ControlPress    = "control.press"
	ControlLess     = "control.less"
	ControlMore     = "control.more"
	ControlUp       = "control.up"
	ControlDown     = "control.down"
	ControlFewer    = "control.page-down"
	ControlLots     = "control.page-up"
	ControlLeast    = "control.least"
	ControlMost     = "control.most"
)

func controls() []Action {
	t := group("show", in(Command),
		Action{ID: ControlEnter, Title: "operate the widgets of the output", Keys: keys("tab")},
	)
	return append(t, group("widgets", in(Control),
		Action{ID: ControlNext, Title: "the next control", Keys: keys("tab")},
		Action{ID: ControlPrevious, Title: "the control before", Keys: keys("shift+tab")},
		Action{ID: ControlLeave, Title: "back to the cells", Keys: keys("esc")},
		Action{ID: ControlPress, Title: "press, toggle, take; space too", Keys: keys("enter")},
		Action{ID: ControlLess, Title: "a step less; the option before", Keys: keys("left")},
		Action{ID: ControlMore, Title: "a step more; the next option", Keys: keys("right")},
		Action{ID: ControlUp, Title: "up in a list; a step more of a number", Keys: keys("up")},
		Action{ID: ControlDown, Title: "down in a list; a step less of a number", Keys: keys("down")},
		Action{ID: ControlFewer, Title: "ten steps less", Keys: keys("pgdown")},
		Action{ID: ControlLots, Title: "ten steps more", Keys: keys("pgup")},
		Action{ID: ControlLeast, Title: "the least, the first", Keys: keys("home")},
		Action{ID: ControlMost, Title: "the most, the last", Keys: keys("end")},
	)...)
}
