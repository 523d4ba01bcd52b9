// Package mime keeps a mime bundle as it came: raw JSON values in their order.
// It decodes text and base64 on request and picks the richest form. A leaf.
package mime
