// Package job puts source that is no notebook, a script or a query, into one, so that
// it runs as a notebook does and leaves the same record. What is around the source comes
// from a template, one for each kind of job, which is a notebook itself.
//
// It runs nothing and reads no files: a template of the user's is handed in.
package job

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"nbterm/engine/mime/rawjson"
	"nbterm/engine/notebook"
)

// Errors that a caller may want to tell apart.
var (
	// ErrKind says that there is no template for a kind of job.
	ErrKind = errors.New("there is no such kind of job")
	// ErrTemplate says that a template is no notebook, or has no place for the source.
	ErrTemplate = errors.New("the template cannot be used")
)

//go:embed templates/*.ipynb
var templates embed.FS

// Kinds are the kinds that have a template here, sorted. SQL lists those for queries.
func Kinds() []string {
	return []string{"bash", "julia", "psql", "python", "r", "spark-sql", "sqlite", "trino"}
}

// SQL are the kinds that run queries; the first is the usual one.
func SQL() []string { return []string{"sqlite", "psql", "trino", "spark-sql"} }

// KindOf tells from a file's name what kind of job it is. A query is of the kind sql,
// one of SQL. ok is false for what is no job.
func KindOf(name, sql string) (kind string, ok bool) {
	switch strings.ToLower(path.Ext(name)) {
	case ".py":
		return "python", true
	case ".sh", ".bash":
		return "bash", true
	case ".r":
		return "r", true
	case ".jl":
		return "julia", true
	case ".sql":
		return sql, true
	}
	return "", false
}

// Options of a notebook made for a job.
type Options struct {
	// Name of the source, as a script sees its own.
	Name string
	// Template is a notebook to use instead of the embedded one; nil is that. What stands
	// in braces in its cells is filled in: {{source}} as it is, {{source_text}} and
	// {{name_text}} as a string of the notebook's language, {{source_heredoc}} as a here
	// document, {{name}}. One cell at least must have the source.
	Template []byte
}

// Notebook is a notebook that runs source. It has a cell tagged "parameters" for what
// the kind of job can be told. Where the template holds nothing but the source in a
// cell, source that is parted by lines `# %%` (Jupytext's percent format) becomes a cell
// for each part, and may have a parameters cell of its own.
//
// The notebook's metadata says what it was made of under nbterm.job. Errors are ErrKind
// and ErrTemplate.
func Notebook(kind, source string, o Options) (*notebook.Notebook, error) {
	text := o.Template
	if text == nil {
		var err error
		if text, err = templates.ReadFile("templates/" + kind + ".ipynb"); err != nil || !slices.Contains(Kinds(), kind) {
			return nil, fmt.Errorf("make a notebook of %s: %w: %q; there are %s", o.Name, ErrKind, kind, strings.Join(Kinds(), ", "))
		}
	}
	doc, err := notebook.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("make a notebook of %s: %w: %w", o.Name, ErrTemplate, err)
	}
	source = strings.TrimPrefix(strings.ReplaceAll(source, "\r\n", "\n"), "\ufeff")
	if !fill(doc, source, o.Name) {
		return nil, fmt.Errorf("make a notebook of %s: %w: no cell holds {{source}}", o.Name, ErrTemplate)
	}
	sum := sha256.Sum256([]byte(source))
	for key, value := range map[string]string{"kind": kind, "source": path.Base(o.Name), "sha256": hex.EncodeToString(sum[:])} {
		doc.SetMeta(rawjson.AppendQuote(nil, value, false), "nbterm", "job", key)
	}
	return doc, nil
}

// fill puts the source into the cells of a template, and tells whether it found a place.
func fill(doc *notebook.Notebook, source, name string) bool {
	found := false
	values := placeholders(source, name, doc.Language())
	for i := 0; i < doc.Len(); i++ {
		c := doc.Cell(i)
		was := c.Source()
		if !strings.Contains(was, "{{") {
			continue
		}
		found = found || strings.Contains(was, "{{source")
		if strings.TrimSpace(was) == "{{source}}" {
			if parts := percent(source); len(parts) > 0 {
				i = replace(doc, i, parts)
				continue
			}
		}
		doc.Replace(i, c.WithSource(values.Replace(was)))
	}
	return found
}

// replace puts cells in the place of one, drops the template's parameters cell when they
// bring their own, and returns the position of the last.
func replace(doc *notebook.Notebook, at int, parts []*notebook.Cell) int {
	doc.Delete(at, 1)
	doc.Insert(at, parts...)
	last := at + len(parts) - 1
	own := slices.ContainsFunc(parts, func(c *notebook.Cell) bool { return slices.Contains(c.Tags(), "parameters") })
	for i := 0; own && i < at; i++ {
		if slices.Contains(doc.Cell(i).Tags(), "parameters") {
			doc.Delete(i, 1)
			return last - 1
		}
	}
	return last
}

func placeholders(source, name, language string) *strings.Replacer {
	return strings.NewReplacer(
		"{{source}}", strings.TrimRight(source, "\n"),
		"{{source_text}}", text(strings.TrimSpace(source), language),
		"{{source_heredoc}}", heredoc(strings.TrimRight(source, "\n")),
		"{{name}}", path.Base(name),
		"{{name_text}}", text(name, language),
	)
}

// text is a string in the language: lines stay lines in Python, as people read them.
func text(s, language string) string {
	switch {
	case language == "bash":
		return "'" + strings.ReplaceAll(s, "'", `'"'"'`) + "'"
	case language == "python" && strings.Contains(s, "\n") && !strings.Contains(s, `"""`) && !strings.HasSuffix(s, `"`) && !strings.HasSuffix(s, `\`):
		return `r"""` + "\n" + s + "\n" + `"""`
	}
	return string(rawjson.AppendQuote(nil, s, false))
}

// heredoc is a here document whose last line the source does not hold.
func heredoc(source string) string {
	end := "END"
	for strings.Contains("\n"+source+"\n", "\n"+end+"\n") {
		end += "_"
	}
	return "<<'" + end + "'\n" + source + "\n" + end
}
