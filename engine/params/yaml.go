package params

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"nbterm/engine/mime/rawjson"
)

// maxValues bounds what aliases may unfold to, and maxNesting how deep.
const (
	maxValues  = 1 << 20
	maxNesting = 1000
)

// ParseYAML reads one YAML 1.1 document by PyYAML's rules, save that dates stay text:
// yes and on are true, 012 is octal, 1:30 is sexagesimal, 1e3 (without a point) is
// text, << merges. The library only cuts the text up; what a scalar means is decided
// here, because it follows YAML 1.2 in part. No document at all is nil.
func ParseYAML(data []byte) (v Value, err error) {
	defer func() { // the parser is a port of C that panics on some broken input
		if r := recover(); r != nil {
			v, err = nil, fmt.Errorf("%w: the YAML is broken: %v", ErrSyntax, r)
		}
	}()
	v, err = parseYAML(data)
	if err == nil {
		return v, nil
	}
	// JSON is no subset of YAML 1.1: surrogate pairs and tabs.
	if n, jsonErr := rawjson.ParseNode(data); jsonErr == nil && n.Kind != 0 {
		return valueOf(n, plainScalar), nil
	}
	return nil, err
}

func parseYAML(data []byte) (Value, error) {
	d := yaml.NewDecoder(bytes.NewReader(data))
	var doc, next yaml.Node
	if err := d.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, syntaxError(err)
	}
	if err := d.Decode(&next); err == nil {
		return nil, fmt.Errorf("%w: there is more than one YAML document", ErrSyntax)
	} else if !errors.Is(err, io.EOF) {
		return nil, syntaxError(err)
	}
	b := &yamlBuilder{open: map[*yaml.Node]bool{}}
	return b.value(&doc, 0)
}

func syntaxError(err error) error {
	return fmt.Errorf("%w: %s", ErrSyntax, strings.TrimPrefix(err.Error(), "yaml: "))
}

// yamlBuilder makes values of nodes.
type yamlBuilder struct {
	made int
	open map[*yaml.Node]bool // anchors being built, which must not hold themselves
}

func (b *yamlBuilder) fail(n *yaml.Node, format string, args ...any) error {
	return fmt.Errorf("%w: line %d: %s", ErrSyntax, n.Line, fmt.Sprintf(format, args...))
}

func (b *yamlBuilder) value(n *yaml.Node, depth int) (Value, error) {
	if b.made++; b.made > maxValues || depth > maxNesting {
		return nil, b.fail(n, "there are too many values, or they are nested too deep")
	}
	switch n.Kind {
	case yaml.DocumentNode:
		if len(n.Content) == 0 {
			return nil, nil
		}
		return b.value(n.Content[0], depth+1)
	case yaml.AliasNode:
		return b.value(n.Alias, depth+1)
	case yaml.ScalarNode:
		return b.scalar(n)
	}
	if b.open[n] {
		return nil, b.fail(n, "the value &%s contains itself", n.Anchor)
	}
	b.open[n] = true
	defer delete(b.open, n)
	if n.Kind == yaml.SequenceNode {
		return b.sequence(n, depth)
	}
	return b.mapping(n, depth)
}

func (b *yamlBuilder) sequence(n *yaml.Node, depth int) (Value, error) {
	if n.Style&yaml.TaggedStyle != 0 && n.ShortTag() != "!!seq" {
		return nil, b.fail(n, "the tag %s is not known", n.Tag)
	}
	list := make([]Value, len(n.Content))
	for i, kid := range n.Content {
		v, err := b.value(kid, depth+1)
		if err != nil {
			return nil, err
		}
		list[i] = v
	}
	return list, nil
}

func (b *yamlBuilder) mapping(n *yaml.Node, depth int) (Value, error) {
	if n.Style&yaml.TaggedStyle != 0 && n.ShortTag() != "!!map" {
		return nil, b.fail(n, "the tag %s is not known", n.Tag)
	}
	pairs, err := b.flatten(n, depth)
	if err != nil {
		return nil, err
	}
	o := &Object{}
	for i := 0; i+1 < len(pairs); i += 2 {
		key, err := b.value(pairs[i], depth+1)
		if err != nil {
			return nil, err
		}
		switch key.(type) {
		case []Value, *Object:
			return nil, b.fail(pairs[i], "a key must be a single value")
		}
		value, err := b.value(pairs[i+1], depth+1)
		if err != nil {
			return nil, err
		}
		o.Put(key, value)
	}
	return o, nil
}

// flatten puts what << names before a mapping's own members, of several the first last
// so that it counts.
func (b *yamlBuilder) flatten(n *yaml.Node, depth int) ([]*yaml.Node, error) {
	if b.made++; b.made > maxValues || depth > maxNesting {
		return nil, b.fail(n, "there are too many values, or they are nested too deep")
	}
	var merged, own []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if !isMerge(key) {
			own = append(own, key, value)
			continue
		}
		from := []*yaml.Node{value}
		if v := resolved(value); v.Kind == yaml.SequenceNode {
			from = v.Content
		}
		for j := len(from) - 1; j >= 0; j-- {
			m := resolved(from[j])
			if m.Kind != yaml.MappingNode {
				return nil, b.fail(value, "<< takes a mapping or a list of mappings")
			}
			more, err := b.flatten(m, depth+1)
			if err != nil {
				return nil, err
			}
			merged = append(merged, more...)
		}
		if b.made += len(merged); b.made > maxValues {
			return nil, b.fail(n, "there are too many values")
		}
	}
	return append(merged, own...), nil
}

func resolved(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// quoted are the styles in which a scalar is text whatever it says.
const quoted = yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle

func isMerge(n *yaml.Node) bool {
	tagged := n.Style&yaml.TaggedStyle != 0
	return n.Kind == yaml.ScalarNode && (tagged && n.ShortTag() == "!!merge" || !tagged && n.Style&quoted == 0 && n.Value == "<<")
}

func (b *yamlBuilder) scalar(n *yaml.Node) (Value, error) {
	if n.Style&yaml.TaggedStyle == 0 {
		if n.Style&quoted != 0 {
			return n.Value, nil
		}
		return plainScalar(n.Value), nil
	}
	var v Value
	ok := true
	switch n.ShortTag() {
	case "!!str", "!", "!!timestamp":
		v = n.Value
	case "!!null":
	case "!!bool":
		v, ok = yamlBool(n.Value)
	case "!!int":
		v, ok = yamlInt(n.Value)
	case "!!float":
		v, ok = yamlFloat(n.Value)
	case "!!binary":
		var data []byte
		var err error
		data, err = base64.StdEncoding.DecodeString(strings.Join(strings.Fields(n.Value), ""))
		v, ok = string(data), err == nil
	default:
		return nil, b.fail(n, "the tag %s is not known", n.Tag)
	}
	if !ok {
		return nil, b.fail(n, "%q is not a %s", n.Value, strings.TrimPrefix(n.ShortTag(), "!!"))
	}
	return v, nil
}

// The plain scalars of YAML 1.1, as PyYAML tells them apart (https://yaml.org/type/).
// PyYAML's float needs a point and, in an exponent, a sign.
var (
	yamlIntText   = regexp.MustCompile(`^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$`)
	yamlFloatText = regexp.MustCompile(`^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$`)
)

// plainScalar is what an unquoted scalar means.
func plainScalar(text string) Value {
	switch text {
	case "", "~", "null", "Null", "NULL":
		return nil
	}
	if yamlIntText.MatchString(text) {
		if v, ok := yamlInt(text); ok {
			return v
		}
	}
	if yamlFloatText.MatchString(text) {
		if v, ok := yamlFloat(text); ok {
			return v
		}
	}
	if cased(text) {
		if v, ok := yamlBool(text); ok {
			return v
		}
	}
	return text
}

// cased tells whether a word is written in one of the three ways that YAML 1.1 knows.
func cased(s string) bool {
	lower := strings.ToLower(s)
	return s == lower || s == strings.ToUpper(s) || s[1:] == lower[1:]
}

func yamlBool(text string) (Value, bool) {
	switch strings.ToLower(text) {
	case "yes", "true", "on":
		return true, true
	case "no", "false", "off":
		return false, true
	}
	return nil, false
}

func yamlInt(text string) (Value, bool) {
	sign, digits := cutSign(strings.ReplaceAll(text, "_", ""))
	switch {
	case digits == "0":
		return int64(0), true
	case strings.HasPrefix(digits, "0b"):
		return integer(sign+digits[2:], 2)
	case strings.HasPrefix(digits, "0x"):
		return integer(sign+digits[2:], 16)
	case strings.HasPrefix(digits, "0"):
		return integer(sign+digits, 8)
	case strings.Contains(digits, ":"):
		return sexagesimal(sign, digits)
	}
	return ParseInt(sign + digits)
}

func yamlFloat(text string) (Value, bool) {
	sign, digits := cutSign(strings.ToLower(strings.ReplaceAll(text, "_", "")))
	switch {
	case digits == ".inf" && sign == "-":
		return math.Inf(-1), true
	case digits == ".inf":
		return math.Inf(1), true
	case digits == ".nan":
		return math.NaN(), true
	}
	var total, base float64 = 0, 1
	parts := strings.Split(digits, ":")
	for i := len(parts) - 1; i >= 0; i-- {
		f, ok := ParseFloat(parts[i])
		if !ok {
			return nil, false
		}
		total += f * base
		base *= 60
	}
	if sign == "-" {
		total = -total
	}
	return total, true
}

// sexagesimal reads whole numbers of base 60, such as 1:30:00.
func sexagesimal(sign, digits string) (Value, bool) {
	total, sixty := new(big.Int), big.NewInt(60)
	for part := range strings.SplitSeq(digits, ":") {
		n, ok := new(big.Int).SetString(part, 10)
		if !ok || len(digits) > maxDigits {
			return nil, false
		}
		total.Add(total.Mul(total, sixty), n)
	}
	if sign == "-" {
		total.Neg(total)
	}
	return Integer(total), true
}
