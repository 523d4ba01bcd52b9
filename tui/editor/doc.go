// Package editor edits one cell: a text core and the component that draws it.
//
// [Buffer] is the text: lines, cursor, selection, undo. It knows bytes and
// grapheme clusters, no widths, no colours, no keys. The layout (layout.go) wraps
// it softly and remembers the rows of each line; the paint (paint.go) colours them.
// [Editor] ties them to key presses, and [Input] is the same in one line.
//
// Positions are (line, byte column), both from zero. A column always stands between
// two grapheme clusters. Bytes that are not UTF-8 are kept as they came, drawn
// visibly, and stepped over one by one.
//
// What a key costs is bounded by what it changes and what is on screen, not by the
// size of the text: a changed line is wrapped and coloured again, the others are
// remembered. Not here: completion, search, vim's modes, the clipboard of the
// system (a command for it is returned, the caller runs it).
package editor
