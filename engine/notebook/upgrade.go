package notebook

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"nbterm/engine/mime/rawjson"
)

// upgrade shows a notebook of format 2 or 3 as one of format 4.5, the way
// nbformat's v4/convert.py does. Its bytes are given back until it is changed.
// Ids are derived from the file, so that two readers agree on them.
func upgrade(data []byte, start int, r *root) (*Notebook, error) {
	if r.major == 1 {
		return nil, notebookError("it is of nbformat 1, which is older than what can be read (2)")
	}
	doc, err := rawjson.ParseNode(data[start:])
	if err != nil {
		return nil, syntaxError(data, start, err)
	}
	u := upgrader{join: "", sum: sha256.Sum256(data), ids: make(map[string]bool)}
	if r.major == 2 {
		u.join = "\n" // format 2 kept lines without their ends
	}
	cells := &rawjson.Node{Kind: '['}
	if sheets := doc.Take("worksheets"); sheets != nil && sheets.Kind == '[' {
		for _, sheet := range sheets.Kids {
			if list := sheet.Get("cells"); list != nil && list.Kind == '[' {
				cells.Kids = append(cells.Kids, list.Kids...)
			}
		}
	}
	for i, cell := range cells.Kids {
		if cell.Kind == '{' {
			u.cell(cell, i)
		}
	}
	meta := objectAt(doc, "metadata")
	for _, name := range []string{"name", "signature", "orig_nbformat", "orig_nbformat_minor"} {
		meta.Take(name)
	}
	doc.Take("orig_nbformat")
	doc.Take("orig_nbformat_minor")
	doc.Set("cells", cells)
	doc.Set("nbformat", rawjson.Leaf([]byte("4")))
	doc.Set("nbformat_minor", rawjson.Leaf([]byte("5")))
	text := append(doc.Append(nil, rawjson.NBFormat(), ""), '\n')
	found, err := scanRoot(text, 0)
	if err != nil {
		return nil, syntaxError(data, start, err)
	}
	n := assemble(text, found)
	n.origin.data, n.upgraded, n.language = data, true, u.language
	if n.language == "" {
		n.language = "python" // the only one when these formats were written
	}
	return n, nil
}

// upgrader turns the cells of one file.
type upgrader struct {
	join     string // stands between the parts of a text in a list
	sum      [sha256.Size]byte
	ids      map[string]bool
	language string // of the first code cell that names one
}

// objectAt returns the object under a key, which is made where there is none.
func objectAt(n *rawjson.Node, name string) *rawjson.Node {
	kid := n.Get(name)
	if kid == nil || kid.Kind != '{' {
		kid = &rawjson.Node{Kind: '{'}
		n.Set(name, kid)
	}
	return kid
}

func (u *upgrader) cell(c *rawjson.Node, i int) {
	meta := objectAt(c, "metadata")
	meta.Take("trusted")
	c.Take("trusted")
	c.Set("id", rawjson.String(u.id(i)))
	kind, _ := c.Get("cell_type").Text()
	switch kind {
	case "code":
		if language, _ := c.Take("language").Text(); u.language == "" {
			u.language = language
		}
		if folded := c.Take("collapsed"); folded != nil {
			meta.Set("collapsed", folded)
		}
		input := c.Take("input")
		if input == nil {
			input = c.Get("source")
		}
		c.Set("source", u.lines(orText(input)))
		c.Set("execution_count", orNull(c.Take("prompt_number")))
		outputs := c.Take("outputs")
		if outputs == nil || outputs.Kind != '[' {
			outputs = &rawjson.Node{Kind: '['}
		}
		for _, o := range outputs.Kids {
			if o.Kind == '{' {
				u.output(o)
			}
		}
		c.Set("outputs", outputs)
		return
	case "heading":
		level, err := strconv.Atoi(string(orText(c.Take("level")).Raw))
		if err != nil {
			level = 1
		}
		text, _ := u.text(orText(c.Get("source")))
		lines := rawjson.SplitLines(text)
		for i := range lines {
			lines[i] = strings.TrimRight(lines[i], "\n\r\v\f\x1c\x1d\x1e\u0085\u2028\u2029")
		}
		c.Set("source", rawjson.String(strings.Repeat("#", max(0, min(level, 6)))+" "+strings.Join(lines, " ")))
		fallthrough
	case "html":
		c.Set("cell_type", rawjson.String("markdown"))
	}
	c.Set("source", u.lines(orText(c.Get("source"))))
}

// id is eight hexadecimal characters that only the file and the position decide.
func (u *upgrader) id(i int) string {
	for salt := 0; ; salt++ {
		sum := sha256.Sum256(append(u.sum[:], strconv.Itoa(i)+"."+strconv.Itoa(salt)...))
		if id := hex.EncodeToString(sum[:4]); !u.ids[id] {
			u.ids[id] = true
			return id
		}
	}
}

// mimeType is the type behind a short name of formats 2 and 3; other names stay.
func mimeType(name string) string {
	switch name {
	case "text":
		return "text/plain"
	case "html", "latex":
		return "text/" + name
	case "png", "jpeg":
		return "image/" + name
	case "svg":
		return "image/svg+xml"
	case "json", "javascript":
		return "application/" + name
	}
	return name
}

func (u *upgrader) output(o *rawjson.Node) {
	switch kind, _ := o.Get("output_type").Text(); kind {
	case "pyout":
		o.Set("output_type", rawjson.String("execute_result"))
		o.Set("execution_count", orNull(o.Take("prompt_number")))
		u.data(o)
	case "display_data":
		u.data(o)
	case "pyerr":
		o.Set("output_type", rawjson.String("error"))
	case "stream":
		name := o.Take("stream")
		if name == nil {
			name = rawjson.String("stdout")
		}
		o.Set("name", name)
		o.Set("text", u.lines(orText(o.Get("text"))))
	}
}

// data gathers the representations of an output into one object.
func (u *upgrader) data(o *rawjson.Node) {
	data, rest := &rawjson.Node{Kind: '{'}, &rawjson.Node{Kind: '{'}
	for i, name := range o.Keys {
		value := o.Kids[i]
		if name == "output_type" || name == "execution_count" || name == "metadata" {
			rest.Add(name, value)
			continue
		}
		typ := mimeType(name)
		text, ok := u.text(value)
		switch {
		case typ == "application/json" && ok && rawjson.Valid([]byte(text)):
			value, _ = rawjson.ParseNode([]byte(text)) // just found valid
		case ok && splitType(typ):
			value = rawjson.Lines(text)
		case ok:
			value = rawjson.String(text)
		}
		data.Add(typ, value)
	}
	rest.Add("data", data)
	*o = *rest
	objectAt(o, "metadata").Rename(mimeType)
}

// text is the text of a string, or of a list of strings as this format joins them.
func (u *upgrader) text(n *rawjson.Node) (string, bool) {
	if n.Kind != '[' {
		return n.Text()
	}
	parts := make([]string, len(n.Kids))
	for i, kid := range n.Kids {
		text, ok := kid.Text()
		if !ok || kid.Kind == '[' {
			return "", false
		}
		parts[i] = text
	}
	return strings.Join(parts, u.join), true
}

// lines is a text cut into lines; what is no text stays as it is.
func (u *upgrader) lines(n *rawjson.Node) *rawjson.Node {
	if text, ok := u.text(n); ok {
		return rawjson.Lines(text)
	}
	return n
}

func orText(n *rawjson.Node) *rawjson.Node {
	if n == nil {
		return rawjson.String("")
	}
	return n
}

func orNull(n *rawjson.Node) *rawjson.Node {
	if n == nil {
		return rawjson.Leaf([]byte("null"))
	}
	return n
}
