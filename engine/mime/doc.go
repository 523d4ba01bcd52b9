// Package mime keeps a mime bundle as it came: raw JSON values in their order.
// It decodes text and base64 on request and picks the richest form. A leaf, but
// for rawjson below it, which reads the JSON that encoding/json does not take.
package mime
