// Package render draws notebook content as terminal rows: (bundle, width,
// capabilities, palette) to lines and image placements, chosen from one visible
// table by mime type and rank. Everything here is pure and safe to call from any
// goroutine; nothing here reads the network or the clock, or files but pictures in Context.Files.
//
//	output.go    the table, streams and errors apart; Output is the way in
//	markdown.go  blocks of markdown; markdown_inline.go the text within them
//	math.go      formulas, set by latex/, or by mathjax/ where there are pixels
//	html.go      HTML as a stream of tags; its tables go to grid.go
//	image.go     pictures: block characters, and pixels where there are any
//	raster/      what makes them; svg/ makes pixels of drawings
//	json.go      JSON, folded
//	chart.go     Vega, Vega-Lite and Plotly charts: vega/ draws them in js/, svg/
//	             makes them pixels, their texts become characters
//	term/        the line terminal and the grammar of what may be written
//	highlight/   lexers
//	ink/         palette, colours, styles
//
// Text that others wrote reaches a row only through term. What is laid out here
// first (a heading, a table cell) is scrubbed of controls before it is styled, and
// the styled rows pass through term too.
package render
