package params

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Literal reads a Python literal, as ast.literal_eval does, into a value: tuples and
// sets become lists, bytes are not taken. Besides it knows float('nan') and its like,
// and arithmetic of numbers with + - * / ** and brackets, which defaults are written
// with. ok is false for all else.
func Literal(src string) (v Value, ok bool) {
	p := &literalParser{}
	for _, t := range pythonTokens(src) {
		if t.kind != tokComment && t.kind != tokNewline {
			p.tokens = append(p.tokens, t)
		}
	}
	v, ok = p.sum()
	if ok && p.is(",") { // a tuple without brackets
		var list []Value
		list, ok = p.rest(v)
		v = list
	}
	return v, ok && p.at == len(p.tokens)
}

type literalParser struct {
	tokens []token
	at     int
	depth  int
}

func (p *literalParser) is(op string) bool {
	return p.at < len(p.tokens) && p.tokens[p.at].kind == tokOp && p.tokens[p.at].text == op
}

func (p *literalParser) take(op string) bool {
	if !p.is(op) {
		return false
	}
	p.at++
	return true
}

// rest reads the elements of a tuple behind its first.
func (p *literalParser) rest(first Value) ([]Value, bool) {
	list := []Value{first}
	for p.take(",") {
		if p.at == len(p.tokens) || p.is(")") {
			break
		}
		v, ok := p.sum()
		if !ok {
			return nil, false
		}
		list = append(list, v)
	}
	return list, true
}

func (p *literalParser) sum() (Value, bool)     { return p.chain(p.product, "+", "-") }
func (p *literalParser) product() (Value, bool) { return p.chain(p.sign, "*", "/") }

// chain reads operands with operators of one rank between them.
func (p *literalParser) chain(operand func() (Value, bool), ops ...string) (Value, bool) {
	v, ok := operand()
	for ok {
		op := ""
		for _, o := range ops {
			if p.take(o) {
				op = o
			}
		}
		if op == "" {
			return v, true
		}
		var w Value
		if w, ok = operand(); ok {
			v, ok = arithmetic(v, op, w)
		}
	}
	return nil, false
}

func (p *literalParser) sign() (Value, bool) {
	if p.depth++; p.depth > 200 {
		return nil, false
	}
	defer func() { p.depth-- }()
	switch {
	case p.take("+"):
		v, ok := p.sign()
		return v, ok && isNumber(v)
	case p.take("-"):
		v, ok := p.sign()
		if f, real := v.(float64); ok && real {
			return -f, true
		}
		if !ok {
			return nil, false
		}
		return arithmetic(int64(0), "-", v)
	}
	v, ok := p.atom()
	if ok && p.take("**") {
		var w Value
		if w, ok = p.sign(); ok {
			return arithmetic(v, "**", w)
		}
	}
	return v, ok
}

func isNumber(v Value) bool {
	switch v.(type) {
	case int64, *big.Int, float64:
		return true
	}
	return false
}

func (p *literalParser) atom() (Value, bool) {
	if p.at == len(p.tokens) {
		return nil, false
	}
	t := p.tokens[p.at]
	p.at++
	switch t.kind {
	case tokNumber:
		return numberLiteral(t.text)
	case tokString:
		text, ok := unquote(t.text)
		for ok && p.at < len(p.tokens) && p.tokens[p.at].kind == tokString {
			var more string
			more, ok = unquote(p.tokens[p.at].text)
			text += more
			p.at++
		}
		return text, ok
	case tokName:
		return p.word(t.text)
	}
	switch t.text {
	case "(":
		return p.tuple()
	case "[":
		return p.list("]")
	case "{":
		return p.braces()
	}
	return nil, false
}

// word reads None, True, False and float('inf').
func (p *literalParser) word(name string) (Value, bool) {
	switch name {
	case "None":
		return nil, true
	case "True", "False":
		return name == "True", true
	case "float":
		if !p.take("(") {
			return nil, false
		}
		v, ok := p.atom()
		text, isText := v.(string)
		if !ok || !isText || !p.take(")") {
			return nil, false
		}
		return boxed(ParseFloat(text))
	}
	return nil, false
}

func boxed(f float64, ok bool) (Value, bool) { return f, ok }

func (p *literalParser) tuple() (Value, bool) {
	if p.take(")") {
		return []Value{}, true
	}
	v, ok := p.sum()
	if ok && p.is(",") {
		var list []Value
		list, ok = p.rest(v)
		v = list
	}
	return v, ok && p.take(")")
}

func (p *literalParser) list(end string) (Value, bool) {
	list := []Value{}
	for !p.take(end) {
		v, ok := p.sum()
		if !ok || !p.is(",") && !p.is(end) {
			return nil, false
		}
		list = append(list, v)
		p.take(",")
	}
	return list, true
}

// braces reads a dict, or a set as a list.
func (p *literalParser) braces() (Value, bool) {
	o := &Object{}
	start := p.at
	for !p.take("}") {
		key, ok := p.sum()
		if ok && o.Len() == 0 && !p.is(":") {
			p.at = start
			return p.list("}")
		}
		if !ok || !p.take(":") || !scalar(key) {
			return nil, false
		}
		v, ok := p.sum()
		if !ok || !p.is(",") && !p.is("}") {
			return nil, false
		}
		o.Put(key, v)
		p.take(",")
	}
	return o, true
}

func scalar(v Value) bool {
	switch v.(type) {
	case []Value, *Object:
		return false
	}
	return true
}

// numberLiteral reads a number as Python source writes it.
func numberLiteral(text string) (Value, bool) {
	lower := strings.ToLower(text)
	if len(lower) > 2 && lower[0] == '0' && strings.IndexByte("xob", lower[1]) >= 0 {
		digits, ok := strings.ReplaceAll(lower[2:], "_", ""), true
		if strings.Contains(lower, "__") || strings.HasSuffix(lower, "_") || digits == "" {
			ok = false
		}
		base := map[byte]int{'x': 16, 'o': 8, 'b': 2}[lower[1]]
		n, good := integer(digits, base)
		return n, ok && good
	}
	if v, ok := ParseInt(text); ok {
		if len(text) > 1 && text[0] == '0' && v != int64(0) {
			return nil, false // 012 is no Python
		}
		return v, true
	}
	return boxed(ParseFloat(text))
}

// unquote reads a string literal. Formatted and byte strings are none.
func unquote(lit string) (string, bool) {
	open := stringStart(lit)
	prefix := strings.ToLower(lit[:open])
	if strings.ContainsAny(prefix, "fbt") {
		return "", false
	}
	quote := lit[open : open+1]
	if strings.HasPrefix(lit[open:], strings.Repeat(quote, 3)) && len(lit) >= open+6 {
		quote = strings.Repeat(quote, 3)
	}
	body := lit[open+len(quote):]
	if !strings.HasSuffix(body, quote) {
		return "", false
	}
	body = body[:len(body)-len(quote)]
	if strings.Contains(prefix, "r") {
		return body, true
	}
	return unescape(body)
}

// unescape reads the escapes of a Python string; names of characters are not known.
func unescape(s string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		if i++; i == len(s) {
			return "", false
		}
		switch c := s[i]; c {
		case '\n':
		case '\\', '\'', '"':
			b.WriteByte(c)
		case 'a', 'b', 'f', 'n', 'r', 't', 'v':
			b.WriteByte("\a\b\f\n\r\t\v"[strings.IndexByte("abfnrtv", c)])
		case 'x', 'u', 'U':
			n := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
			if i+n >= len(s) {
				return "", false
			}
			r, err := strconv.ParseUint(s[i+1:i+1+n], 16, 32)
			if err != nil || !utf8.ValidRune(rune(r)) {
				return "", false
			}
			b.WriteRune(rune(r))
			i += n
		case 'N':
			return "", false
		case '0', '1', '2', '3', '4', '5', '6', '7':
			n := i
			for n < len(s) && n < i+3 && '0' <= s[n] && s[n] <= '7' {
				n++
			}
			r, _ := strconv.ParseUint(s[i:n], 8, 32)
			b.WriteRune(rune(r))
			i = n - 1
		default:
			b.WriteString(s[i-1 : i+1])
		}
	}
	return b.String(), true
}

// maxPower bounds the bits of a power.
const maxPower = 4096

// arithmetic computes with numbers as Python does, texts may be joined.
func arithmetic(a Value, op string, b Value) (Value, bool) {
	if !isNumber(a) || !isNumber(b) {
		s, ok := a.(string)
		t, also := b.(string)
		return s + t, ok && also && op == "+"
	}
	x, y := wholeOf(a), wholeOf(b)
	if x != nil && y != nil && op != "/" {
		switch op {
		case "+":
			return Integer(new(big.Int).Add(x, y)), true
		case "-":
			return Integer(new(big.Int).Sub(x, y)), true
		case "*":
			if x.BitLen()+y.BitLen() > maxPower {
				return nil, false
			}
			return Integer(new(big.Int).Mul(x, y)), true
		case "**":
			if y.Sign() >= 0 {
				if !y.IsInt64() || y.Int64() > maxPower || int64(x.BitLen())*y.Int64() > maxPower {
					return nil, false
				}
				return Integer(new(big.Int).Exp(x, y, nil)), true
			}
		}
	}
	f, _ := numeric(a)
	g, _ := numeric(b)
	switch op {
	case "+":
		return f + g, true
	case "-":
		return f - g, true
	case "*":
		return f * g, true
	case "/":
		return f / g, g != 0
	}
	r := math.Pow(f, g)
	return r, !math.IsNaN(r) && !math.IsInf(r, 0)
}

func wholeOf(v Value) *big.Int {
	switch v := v.(type) {
	case int64:
		return big.NewInt(v)
	case *big.Int:
		return v
	}
	return nil
}

// typeName is Python's name for the type of a value.
func typeName(v Value) string {
	switch v.(type) {
	case nil:
		return "None"
	case bool:
		return "bool"
	case int64, int, *big.Int:
		return "int"
	case float64:
		return "float"
	case string:
		return "str"
	case []Value:
		return "list"
	case *Object:
		return "dict"
	}
	return fmt.Sprintf("%T", v)
}
