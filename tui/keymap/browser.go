package keymap

// Browser is the workspace: folders and files.
const Browser Context = "browser"

// The ids of what can be done in the workspace.
const (
	BrowserUp       = "browser.up"
	BrowserDown     = "browser.down"
	BrowserPageUp   = "browser.page-up"
	BrowserPageDown = "browser.page-down"
	BrowserFirst    = "browser.first"
	BrowserLast     = "browser.last"
	BrowserOpen     = "browser.open"
	BrowserExpand   = "browser.expand"
	BrowserCollapse = "browser.collapse"
	BrowserParent   = "browser.parent"
	BrowserView     = "browser.view"
	BrowserEdit     = "browser.edit"
	BrowserGo       = "browser.go"
	BrowserForm     = "browser.parameters"
	BrowserFilter   = "browser.filter"
	BrowserFind     = "browser.find"
	BrowserSort     = "browser.sort"
	BrowserHidden   = "browser.hidden"
	BrowserReload   = "browser.reload"
	BrowserMark     = "browser.mark"
	BrowserCopy     = "browser.copy"
	BrowserMove     = "browser.move"
	BrowserRename   = "browser.rename"
	BrowserDelete   = "browser.delete"
	BrowserNew      = "browser.new"
	BrowserNewDir   = "browser.new-folder"
	BrowserUndo     = "browser.undo"
	BrowserYank     = "browser.yank"
	BrowserBookmark = "browser.bookmark"
	BrowserSessions = "browser.sessions"
	BrowserHelp     = "browser.help"
)

func browsing() []Action {
	t := group("move", in(Browser),
		Action{ID: BrowserDown, Title: "down", Keys: keys("j", "down", "ctrl+n")},
		Action{ID: BrowserUp, Title: "up", Keys: keys("k", "up")},
		Action{ID: BrowserPageDown, Title: "a page down", Keys: keys("pgdown", "ctrl+d")},
		Action{ID: BrowserPageUp, Title: "a page up", Keys: keys("pgup", "ctrl+u")},
		Action{ID: BrowserFirst, Title: "to the first row", Keys: keys("g", "home")},
		Action{ID: BrowserLast, Title: "to the last row", Keys: keys("G", "end")},
		Action{ID: BrowserExpand, Title: "open the folder, go in", Keys: keys("l", "right")},
		Action{ID: BrowserCollapse, Title: "close the folder, go out", Keys: keys("h", "left")},
		Action{ID: BrowserParent, Title: "show the folder above", Keys: keys("backspace", "-")},
	)
	t = append(t, group("open", in(Browser),
		Action{ID: BrowserHelp, Title: "help", Keys: keys("?", "f1")},
		Action{ID: BrowserOpen, Title: "open", Keys: keys("enter")},
		Action{ID: BrowserView, Title: "open to read only", Keys: keys("v")},
		Action{ID: BrowserEdit, Title: "open to edit, also the record of a run", Keys: keys("e")},
		Action{ID: BrowserGo, Title: "go to an address", Keys: keys("o")},
		Action{ID: BrowserForm, Title: "run with parameters", Keys: keys("p")},
		Action{ID: BrowserSessions, Title: "the living sessions", Keys: keys("w")},
		Action{ID: BrowserYank, Title: "copy the address to the clipboard", Keys: keys("y")},
	)...)
	t = append(t, group("find", in(Browser),
		Action{ID: BrowserFilter, Title: "show only names that match", Keys: keys("/")},
		Action{ID: BrowserFind, Title: "find a name in everything below", Keys: keys("f", "ctrl+f")},
		Action{ID: BrowserSort, Title: "sort by name, time or size", Keys: keys("s")},
		Action{ID: BrowserHidden, Title: "show hidden files or not", Keys: keys(".")},
		Action{ID: BrowserReload, Title: "list anew", Keys: keys("r")},
		Action{ID: BrowserBookmark, Title: "bookmark the folder or not", Keys: keys("b")},
	)...)
	return append(t, group("change", in(Browser),
		Action{ID: BrowserMark, Title: "mark", Keys: keys("space")},
		Action{ID: BrowserNew, Title: "new notebook", Keys: keys("n")},
		Action{ID: BrowserNewDir, Title: "new folder", Keys: keys("N")},
		Action{ID: BrowserCopy, Title: "copy to …", Keys: keys("c")},
		Action{ID: BrowserMove, Title: "move to …", Keys: keys("m")},
		Action{ID: BrowserRename, Title: "rename", Keys: keys("R", "f2")},
		Action{ID: BrowserDelete, Title: "delete", Keys: keys("D", "delete")},
		Action{ID: BrowserUndo, Title: "take the last change back", Keys: keys("z", "u")},
	)...)
}
