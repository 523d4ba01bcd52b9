package params

import (
	"fmt"
	"math/big"
	"strings"
)

// typ is a type expression of Python as far as values can be held against it.
// Nothing is known of a name that is not listed in knownTypes, and it fits all.
type typ struct {
	name string  // "" is unknown; union and literal besides the names
	args []typ   // of list, dict and union
	lits []Value // of literal
}

// knownTypes maps the ways to write a type to one.
var knownTypes = map[string]string{
	"int": "int", "float": "float", "str": "str", "bool": "bool", "None": "None", "NoneType": "None",
	"list": "list", "List": "list", "Sequence": "list", "Iterable": "list", "Collection": "list",
	"MutableSequence": "list", "set": "list", "Set": "list", "frozenset": "list", "FrozenSet": "list",
	"tuple": "tuple", "Tuple": "tuple", "dict": "dict", "Dict": "dict", "Mapping": "dict", "MutableMapping": "dict",
	"Union": "union", "Optional": "optional", "Literal": "literal", "Annotated": "annotated", "Final": "annotated",
	"date": "str", "datetime": "str", "Path": "str", "PurePath": "str",
}

// parseType reads a type as annotations write it: names, brackets, bars. Text that it
// cannot read is the unknown type.
func parseType(text string) typ {
	var tokens []token
	for _, t := range pythonTokens(text) {
		if t.kind != tokNewline && t.kind != tokComment {
			tokens = append(tokens, t)
		}
	}
	p := &typeParser{literalParser{tokens: tokens}}
	t, ok := p.union()
	if !ok || p.at != len(tokens) {
		return typ{}
	}
	return t
}

type typeParser struct{ literalParser }

func (p *typeParser) union() (typ, bool) {
	first, ok := p.single()
	if !ok || !p.is("|") {
		return first, ok
	}
	out := typ{name: "union", args: []typ{first}}
	for p.take("|") {
		next, ok := p.single()
		if !ok {
			return typ{}, false
		}
		out.args = append(out.args, next)
	}
	return out, true
}

func (p *typeParser) single() (typ, bool) {
	if p.at == len(p.tokens) || p.depth > 50 {
		return typ{}, false
	}
	t := p.tokens[p.at]
	p.at++
	if t.kind == tokString {
		text, ok := unquote(t.text)
		p.depth++
		return parseNested(text, p.depth), ok
	}
	if t.kind == tokOp && t.text == "..." {
		return typ{}, true
	}
	if t.kind != tokName {
		return typ{}, false
	}
	name := t.text
	for p.take(".") { // typing.Optional
		if p.at == len(p.tokens) || p.tokens[p.at].kind != tokName {
			return typ{}, false
		}
		name = p.tokens[p.at].text
		p.at++
	}
	known := knownTypes[name]
	if !p.take("[") {
		if known == "literal" || known == "union" || known == "optional" || known == "annotated" {
			known = ""
		}
		return typ{name: known}, true
	}
	if known == "literal" {
		list, ok := p.list("]")
		lits, _ := list.([]Value)
		return typ{name: "literal", lits: lits}, ok
	}
	return p.arguments(known)
}

// parseNested is parseType of a type in quotes; depth ends quotes in quotes.
func parseNested(text string, depth int) typ {
	if depth > 3 {
		return typ{}
	}
	return parseType(text)
}

// arguments reads what stands in the brackets of a type.
func (p *typeParser) arguments(known string) (typ, bool) {
	p.depth++
	defer func() { p.depth-- }()
	out := typ{name: known}
	for !p.take("]") {
		if known == "annotated" && len(out.args) == 1 { // what else it holds is no type
			for p.at < len(p.tokens) && !p.is("]") {
				p.skip()
			}
			continue
		}
		var arg typ
		var ok bool
		if p.take("[") { // Callable[[int], str]
			arg, ok = p.arguments("")
		} else {
			arg, ok = p.union()
		}
		if !ok || !p.is(",") && !p.is("]") {
			return typ{}, false
		}
		out.args = append(out.args, arg)
		p.take(",")
	}
	switch {
	case known == "optional":
		return typ{name: "union", args: append(out.args, typ{name: "None"})}, true
	case known == "annotated" && len(out.args) > 0:
		return out.args[0], true
	case known == "annotated":
		return typ{}, true
	}
	return out, true
}

// skip passes a token, or all between two brackets.
func (p *typeParser) skip() {
	depth := 0
	for p.at < len(p.tokens) {
		t := p.tokens[p.at]
		p.at++
		if t.kind == tokOp && strings.Contains("([{", t.text) {
			depth++
		} else if t.kind == tokOp && strings.Contains(")]}", t.text) {
			depth--
		}
		if depth <= 0 {
			return
		}
	}
}

// choices are the values that the type allows, when those are all named.
func (t typ) choices() []Value {
	switch t.name {
	case "literal":
		return t.lits
	case "None":
		return []Value{nil}
	case "union":
		var out []Value
		for _, arg := range t.args {
			more := arg.choices()
			if more == nil {
				return nil
			}
			out = append(out, more...)
		}
		return out
	}
	return nil
}

// fits says why v is not of the type, or "". A whole number is a float, too; a bool
// is no number here, although Python lets it pass for one.
func (t typ) fits(v Value) string {
	switch t.name {
	case "":
		return ""
	case "union":
		for _, arg := range t.args {
			if arg.fits(v) == "" {
				return ""
			}
		}
	case "literal":
		for _, lit := range t.lits {
			if equal(lit, v) {
				return ""
			}
		}
		return fmt.Sprintf("%s is not one of %s", brief(Repr(v)), joined(t.lits, ", ", Repr))
	case "float":
		switch v.(type) {
		case int64, *big.Int, float64:
			return ""
		}
	case "list", "tuple":
		list, ok := v.([]Value)
		if !ok {
			break
		}
		return t.items(list)
	case "dict":
		o, ok := v.(*Object)
		if !ok {
			break
		}
		for _, e := range o.Entries() {
			if len(t.args) == 2 {
				if why := t.args[0].fits(e.Key); why != "" {
					return why
				}
				if why := t.args[1].fits(e.Value); why != "" {
					return why
				}
			}
		}
		return ""
	default:
		if typeName(v) == t.name {
			return ""
		}
	}
	return fmt.Sprintf("%s is %s, not %s", brief(Repr(v)), typeName(v), t)
}

// items checks the elements of a list, or of a tuple each by its own type.
func (t typ) items(list []Value) string {
	open := len(t.args) == 2 && t.args[1].name == ""
	if t.name == "tuple" && len(t.args) > 0 && !open && len(list) != len(t.args) {
		return fmt.Sprintf("there are %d values, not %d", len(list), len(t.args))
	}
	for i, v := range list {
		var want typ
		switch {
		case t.name == "tuple" && !open && i < len(t.args):
			want = t.args[i]
		case len(t.args) > 0 && (t.name == "list" || open):
			want = t.args[0]
		}
		if why := want.fits(v); why != "" {
			return fmt.Sprintf("element %d: %s", i, why)
		}
	}
	return ""
}

// String writes the type as an annotation.
func (t typ) String() string {
	parts := make([]string, len(t.args))
	for i, arg := range t.args {
		parts[i] = arg.String()
	}
	switch {
	case t.name == "":
		return "Any"
	case t.name == "union":
		return strings.Join(parts, " | ")
	case t.name == "literal":
		return "Literal[" + joined(t.lits, ", ", Repr) + "]"
	case len(parts) > 0:
		return t.name + "[" + strings.Join(parts, ", ") + "]"
	}
	return t.name
}

// equal compares as Python's == does, save that True is not 1.
func equal(a, b Value) bool {
	_, abool := a.(bool)
	_, bbool := b.(bool)
	return abool == bbool && scalar(a) == scalar(b) && (scalar(a) && identity(a) == identity(b) || !scalar(a) && Repr(a) == Repr(b))
}
