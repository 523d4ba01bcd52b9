// Package render draws notebook content as terminal rows: (bundle, width,
// capabilities, palette) to lines and image placements, chosen from one visible
// table by mime type and rank. Everything here is pure and safe to call from any
// goroutine; nothing here reads files, the network or the clock.
package render
