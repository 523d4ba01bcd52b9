// Package raster turns pictures into what a terminal shows: it reads their headers
// before anything else, decodes what is within bounds, scales, and draws in block
// characters or braille. It knows nothing of outputs or of protocols; SVG is made
// pixels elsewhere.
//
//	format.go   what can be decoded, and what it would cost
//	shrink.go   averages over areas, and what keeps the lines of a plot visible
//	blocks.go   half and quarter blocks; braille.go without colours
//	scale.go    sizes in cells, and pictures for terminals with pixels
package raster
