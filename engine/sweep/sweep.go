// Package sweep says which runs a sweep is made of and what became of them: it turns
// axes such as lr=0.1,0.01 and rows of a file into sets of parameters, tells where each
// run's record goes and whether it is there already, and puts the results into a table.
// It runs nothing; whoever does asks it what to run.
package sweep

import (
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strings"

	"nbterm/engine/params"
)

// ErrSyntax says that an axis or a file of rows cannot be read.
var ErrSyntax = errors.New("it cannot be read")

// MaxRuns is how many runs a sweep may have.
const MaxRuns = 100_000

// Axis is a parameter with the values it takes.
type Axis struct {
	Name   string
	Values []params.Value
}

// ParseAxis reads NAME=VALUES: values between commas, each read as `-p` reads it, as
// text when it is in quotes and as YAML when it begins with [ or {; or a range such as
// 1..5, 10..1 or 0..1..0.25, whose last part is the step. Both ends belong to it.
func ParseAxis(text string) (Axis, error) {
	name, list, ok := strings.Cut(text, "=")
	a := Axis{Name: strings.TrimSpace(name)}
	if !ok || a.Name == "" {
		return a, fmt.Errorf("sweep over %q: %w: it is NAME=VALUE,VALUE or NAME=FIRST..LAST", text, ErrSyntax)
	}
	pieces, err := split(list)
	for i := 0; err == nil && i < len(pieces); i++ {
		var more []params.Value
		more, err = values(strings.TrimSpace(pieces[i]))
		a.Values = append(a.Values, more...)
		if len(a.Values) > MaxRuns {
			err = fmt.Errorf("%w: there are more than %d values", ErrSyntax, MaxRuns)
		}
	}
	if err != nil {
		return a, fmt.Errorf("sweep over %s: %w", a.Name, err)
	}
	return a, nil
}

// split cuts at commas that are in no quotes and brackets.
func split(text string) ([]string, error) {
	var pieces []string
	depth, start := 0, 0
	quote := byte(0)
	for i := range len(text) {
		switch c := text[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case (c == '"' || c == '\'') && (depth > 0 || strings.TrimSpace(text[start:i]) == ""):
			quote = c // an apostrophe within a word is part of it
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			depth--
		case c == ',' && depth == 0:
			pieces = append(pieces, text[start:i])
			start = i + 1
		}
	}
	if quote != 0 || depth != 0 {
		return nil, fmt.Errorf("%w: a quote or a bracket is not closed", ErrSyntax)
	}
	return append(pieces, text[start:]), nil
}

var rangeText = regexp.MustCompile(`^([-+]?\d+(?:\.\d+)?)\.\.([-+]?\d+(?:\.\d+)?)(?:\.\.([-+]?\d+(?:\.\d+)?))?$`)

// values are what one piece between commas stands for.
func values(piece string) ([]params.Value, error) {
	switch {
	case piece == "":
		return nil, fmt.Errorf(`%w: a value is missing; "" is the empty text`, ErrSyntax)
	case len(piece) >= 2 && (piece[0] == '"' || piece[0] == '\'') && piece[len(piece)-1] == piece[0]:
		return []params.Value{piece[1 : len(piece)-1]}, nil
	case piece[0] == '[' || piece[0] == '{':
		v, err := params.ParseYAML([]byte(piece))
		if err != nil {
			return nil, err
		}
		return []params.Value{v}, nil
	}
	if m := rangeText.FindStringSubmatch(piece); m != nil {
		return span(m[1], m[2], m[3])
	}
	return []params.Value{params.Resolve(piece)}, nil
}

// span counts from first to last in exact decimals; without a step by one, towards last.
func span(first, last, step string) ([]params.Value, error) {
	from, to, by := rat(first), rat(last), big.NewRat(1, 1)
	switch {
	case step != "":
		by = rat(step)
	case from.Cmp(to) > 0:
		by.Neg(by)
	}
	if by.Sign() == 0 || from.Cmp(to)*by.Sign() > 0 {
		return nil, fmt.Errorf("%w: the range %s..%s does not come to an end in steps of %s", ErrSyntax, first, last, by.RatString())
	}
	places := 0
	for _, text := range []string{first, step} {
		if _, behind, ok := strings.Cut(text, "."); ok {
			places = max(places, len(behind))
		}
	}
	whole := places == 0
	var out []params.Value
	for at := from; at.Cmp(to)*by.Sign() <= 0; at = new(big.Rat).Add(at, by) {
		if len(out) >= MaxRuns {
			return nil, fmt.Errorf("%w: the range %s..%s has more than %d values", ErrSyntax, first, last, MaxRuns)
		}
		if whole {
			out = append(out, params.Integer(new(big.Int).Set(at.Num())))
		} else {
			f, _ := params.ParseFloat(at.FloatString(places))
			out = append(out, f)
		}
	}
	return out, nil
}

// rat is a number that rangeText has matched.
func rat(text string) *big.Rat {
	r, _ := new(big.Rat).SetString(text)
	return r
}

// Plan is the parameters of each run: every row with every combination of the axes, the
// last axis changing fastest. No rows at all count as one that is empty.
func Plan(rows []*params.Set, axes []Axis) ([]*params.Set, error) {
	if len(rows) == 0 {
		rows = []*params.Set{{}}
	}
	total := len(rows)
	seen := map[string]bool{}
	for _, a := range axes {
		if seen[a.Name] {
			return nil, fmt.Errorf("sweep over %s: %w: it is named twice", a.Name, ErrSyntax)
		}
		seen[a.Name] = true
		if total *= len(a.Values); total > MaxRuns {
			return nil, fmt.Errorf("plan the sweep: %w: it would be more than %d runs", ErrSyntax, MaxRuns)
		}
	}
	sets := rows
	for _, a := range axes {
		next := make([]*params.Set, 0, len(sets)*len(a.Values))
		for _, s := range sets {
			for _, v := range a.Values {
				c := s.Clone()
				c.Put(a.Name, v)
				next = append(next, c)
			}
		}
		sets = next
	}
	return sets, nil
}
