// Package keymap says which key does what.
//
// [Defaults] is the one table of actions: a stable id, a title, where it applies
// and its usual keys. [New] lays the user's own keys over it and reports every
// clash. A screen asks [Map.Lookup] for each key press and does the action whose
// id it gets; what actions do, and whether they can be done now, is the screen's.
//
// Keys are named as bubbletea's KeyPressMsg.String names them: "shift+enter",
// "ctrl+s", "space", "esc", "J". A sequence is keys with blanks between: "d d". A
// sequence waits for its next key without a clock; the key that does not go on
// ends it and then means what it means alone.
//
// What every terminal sends: letters, digits and signs; ctrl with most letters,
// alt with letters, alt+enter, arrows, home, end, pgup, pgdown, delete, F keys.
// Some never arrive or come as another key (shift+enter and ctrl+enter as enter,
// ctrl+shift+letter as ctrl+letter, ctrl+i as tab, ctrl+m as enter, ctrl+/ as
// ctrl+_): an action that has one of those has a twin that does arrive. [Sure]
// tells them apart.
package keymap
