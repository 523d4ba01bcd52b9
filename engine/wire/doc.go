// Package wire is the Jupyter messaging protocol (5.3, tolerant of 5.4): messages,
// their contents, signing and the ZeroMQ frame codec. Pure: it opens nothing.
//
//	message.go  one message, the same on every transport
//	content.go  what the message types that we speak carry
//	codec.go    message <-> ZeroMQ frames, with signatures and replay refused
//	sign.go     HMAC-SHA256 over the four JSON frames
//	tidy.go     one pass that makes sure JSON from outside is JSON
package wire
