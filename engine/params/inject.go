package params

import (
	"encoding/json"
	"fmt"

	"nbterm/engine/notebook"
)

// The tags of papermill's cells.
const (
	Tag         = "parameters"          // the cell that holds the defaults
	InjectedTag = "injected-parameters" // the cell that a run puts behind it
)

// InjectOptions says how parameters are written into a notebook.
type InjectOptions struct {
	Kernel   string // the kernel that will run it; "" is the notebook's
	Language string // its language; "" is the notebook's
	Comment  string // first line of the cell; "" is "Parameters"
	// HideSource marks the cell for front ends to show its output only (--report-mode).
	HideSource bool
}

// Inject writes the parameters of s into doc: over the first cell that an earlier run
// injected, else behind the first parameters cell, else at the top, of which a warning
// tells. A set that is empty changes nothing. The metadata is the caller's to write.
// The error is ErrLanguage, and leaves doc as it is.
func Inject(doc *notebook.Notebook, s *Set, o InjectOptions) (warnings []string, err error) {
	if s.Len() == 0 {
		return nil, nil
	}
	kernel, lang := o.names(doc)
	l := languageOf(kernel, lang)
	if l == nil {
		return nil, fmt.Errorf("write the parameters: %w", unknownLanguage(kernel, lang))
	}
	comment := o.Comment
	if comment == "" {
		comment = "Parameters"
	}
	code, err := Code(kernel, lang, comment, s)
	if err != nil {
		return nil, fmt.Errorf("write the parameters: %w", err)
	}
	for _, name := range s.Names() {
		v, _ := s.Get(name)
		if why := l.odd(v); why != "" {
			warnings = append(warnings, fmt.Sprintf("parameter %s: %s %s", name, l.name, why))
		}
	}
	meta := json.RawMessage(`{"tags": ["` + InjectedTag + `"]}`)
	if o.HideSource {
		meta = json.RawMessage(`{"jupyter": {"source_hidden": true}, "tags": ["` + InjectedTag + `"]}`)
	}
	fresh := notebook.NewCell(notebook.Code, code).WithMeta(meta)
	switch at, after := Find(doc, InjectedTag), Find(doc, Tag); {
	case at >= 0:
		// The cell keeps its id, so that what refers to it still finds it.
		old := doc.Cell(at).WithKind(notebook.Code).WithSource(code)
		doc.Replace(at, old.WithOutputs(nil).WithCount(0, false).WithMeta(meta))
	case after >= 0:
		doc.Insert(after+1, fresh)
	default:
		warnings = append(warnings, "Input notebook does not contain a cell with tag '"+Tag+"'")
		doc.Insert(0, fresh)
	}
	return warnings, nil
}

// names are the kernel and language that count. A notebook that names neither is Python.
func (o InjectOptions) names(doc *notebook.Notebook) (kernel, lang string) {
	kernel, lang = o.Kernel, o.Language
	if kernel == "" {
		kernel = doc.KernelName()
	}
	if lang == "" {
		lang = doc.Language()
	}
	if kernel == "" && lang == "" {
		lang = "python"
	}
	return kernel, lang
}

// Find is the position of the first cell with that tag, or -1.
func Find(doc *notebook.Notebook, tag string) int {
	for i := range doc.Len() {
		for _, t := range doc.Cell(i).Tags() {
			if t == tag {
				return i
			}
		}
	}
	return -1
}
