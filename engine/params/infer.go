package params

import (
	"fmt"

	"nbterm/engine/notebook"
)

// Parameter is what is known of one parameter from the cell tagged "parameters".
type Parameter struct {
	Name string
	// Type is the declared type as written, else that of the default in Python's words
	// (int, float, str, bool, list, dict), else "".
	Type     string
	Declared bool   // Type stands in the source, as an annotation or a comment
	Default  string // source of the default, on one line where that is possible; "" is none
	Value    Value  // the default, where Known
	Known    bool   // the default is a literal
	Help     string // the comment behind it
	// Required says that the notebook does not run without a value: there is no default,
	// or it is ..., or it is None and the declared type does not allow that.
	Required bool
	Choices  []Value // what a Literal type allows, in order; nil is no limit
}

// Infer reads the parameters of doc's first parameters cell, in the notebook's own
// language. A notebook without such a cell has none. The error is ErrLanguage.
func Infer(doc *notebook.Notebook) ([]Parameter, error) {
	return InferAs(doc, InjectOptions{})
}

// InferAs is Infer for another kernel or language than the notebook's.
func InferAs(doc *notebook.Notebook, o InjectOptions) ([]Parameter, error) {
	at := Find(doc, Tag)
	if at < 0 {
		return nil, nil
	}
	kernel, lang := o.names(doc)
	l := languageOf(kernel, lang)
	if l == nil {
		return nil, fmt.Errorf("read the parameters cell: %w", unknownLanguage(kernel, lang))
	}
	src := doc.Cell(at).Source()
	if l.name == "Python" {
		return inferPython(src), nil
	}
	return inferSimple(src, l.name), nil
}

// complete fills in what follows from the declaration and the default.
func (p *Parameter) complete() {
	if !p.Declared && p.Known && p.Value != nil {
		p.Type = typeName(p.Value)
	}
	t := parseType(p.Type)
	if p.Declared {
		p.Choices = t.choices()
	}
	switch {
	case p.Default == "" || p.Default == "...":
		p.Required = true
	case p.Known && p.Value == nil:
		p.Required = p.Declared && t.fits(nil) != ""
	}
}

// put keeps the last assignment of a name at the place of the first.
func put(ps []Parameter, p Parameter) []Parameter {
	for i := range ps {
		if ps[i].Name == p.Name {
			if p.Default == "" {
				return ps // an annotation behind a value takes nothing away
			}
			if !p.Declared && ps[i].Declared {
				p.Type, p.Declared = ps[i].Type, true
				p.Required, p.Choices = false, nil
				p.complete()
			}
			if p.Help == "" {
				p.Help = ps[i].Help
			}
			ps[i] = p
			return ps
		}
	}
	return append(ps, p)
}
