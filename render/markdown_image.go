package render

import (
	"encoding/base64"
	"io/fs"
	"net/url"
	"path"
	"strings"

	"nbterm/engine/mime"
)

// maxLocal bounds, in bytes, a picture that is read from a file.
const maxLocal = 16 << 20

// picture draws a picture that markdown names, when it is at hand: attached to the
// cell, in the URL itself, or a file below Context.Files. Nothing is fetched.
func (d *document) picture(src string, ctx Context) (Block, bool) {
	var b mime.Bundle
	var ok bool
	switch scheme, rest, _ := strings.Cut(src, ":"); {
	case strings.EqualFold(scheme, "attachment"):
		b, ok = d.attached(rest)
	case strings.EqualFold(scheme, "data"):
		b, ok = dataURL(rest)
	default:
		b, ok = localPicture(src, ctx.Files)
	}
	if !ok {
		return Block{}, false
	}
	for _, typ := range Forms(b) {
		if strings.HasPrefix(typ, "image/") {
			return Form(typ, b, ctx)
		}
	}
	return Block{}, false
}

func (d *document) attached(name string) (mime.Bundle, bool) {
	if d.files == nil {
		return mime.Bundle{}, false
	}
	if b, ok := d.files(name); ok {
		return b, true
	}
	name, err := url.PathUnescape(name)
	if err != nil {
		return mime.Bundle{}, false
	}
	return d.files(name)
}

// dataURL reads what follows "data:" (RFC 2397).
func dataURL(rest string) (mime.Bundle, bool) {
	head, body, ok := strings.Cut(rest, ",")
	typ, encoded := strings.CutSuffix(head, ";base64")
	typ, _, _ = strings.Cut(typ, ";")
	if !ok || !strings.HasPrefix(typ, "image/") {
		return mime.Bundle{}, false
	}
	body, err := url.PathUnescape(body)
	if err != nil {
		return mime.Bundle{}, false
	}
	if !encoded && typ != "image/svg+xml" {
		return mime.Bundle{}, false
	}
	if encoded && typ == "image/svg+xml" {
		data, err := base64.StdEncoding.DecodeString(body)
		if err != nil {
			return mime.Bundle{}, false
		}
		body = string(data)
	}
	return mime.FromEntries(mime.TextEntry(typ, body)), true
}

// localPicture reads a picture from a regular file beside the notebook.
func localPicture(src string, files fs.FS) (mime.Bundle, bool) {
	types := map[string]string{
		".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".svg": "image/svg+xml",
		".webp": "image/webp", ".bmp": "image/bmp", ".tif": "image/tiff", ".tiff": "image/tiff",
	}
	typ, known := types[strings.ToLower(path.Ext(src))]
	if files == nil || !known || strings.Contains(src, "://") {
		return mime.Bundle{}, false
	}
	name, err := url.PathUnescape(src)
	if err != nil {
		return mime.Bundle{}, false
	}
	name = path.Clean(strings.TrimPrefix(name, "./"))
	info, err := fs.Stat(files, name)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxLocal {
		return mime.Bundle{}, false
	}
	data, err := fs.ReadFile(files, name)
	if err != nil {
		return mime.Bundle{}, false
	}
	text := string(data)
	if typ != "image/svg+xml" {
		text = base64.StdEncoding.EncodeToString(data)
	}
	return mime.FromEntries(mime.TextEntry(typ, text)), true
}
