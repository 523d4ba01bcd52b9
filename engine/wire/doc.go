// Package wire is the Jupyter messaging protocol (5.3, tolerant of 5.4): messages,
// signing, frame codecs. Pure: it opens nothing.
package wire
