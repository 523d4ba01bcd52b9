package keymap

// History is the screen with what a notebook was before.
const History Context = "history"

// The ids of its actions.
const (
	OpenHistory  = "app.history"
	HistoryWhole = "history.whole"
	HistoryBack  = "history.restore"
)

func histories() []Action {
	return append(group("nbterm", in(Command, Browser),
		Action{ID: OpenHistory, Title: "history: what the notebook was before", Keys: keys("H")},
	), group("history", in(History),
		Action{ID: HistoryWhole, Title: "show the whole version, or what has changed since", Keys: keys("tab", "t")},
		Action{ID: HistoryBack, Title: "put the version back", Keys: keys("r", "enter")},
	)...)
}
