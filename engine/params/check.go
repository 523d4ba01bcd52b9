package params

import (
	"fmt"
	"strings"
)

// Faults are what Check found wrong with parameters. It is an ErrInvalid.
type Faults []Fault

// Fault is one parameter that does not fit.
type Fault struct {
	Name string
	Why  string // a clause about it: "unknown parameter", "5 is int, not str"
}

func (f Fault) String() string { return f.Name + ": " + f.Why }

// Error names all faults.
func (f Faults) Error() string {
	parts := make([]string, len(f))
	for i, fault := range f {
		parts[i] = fault.String()
	}
	return ErrInvalid.Error() + ": " + strings.Join(parts, "; ")
}

// Is makes errors.Is(err, ErrInvalid) true.
func (f Faults) Is(target error) bool { return target == ErrInvalid }

// Check holds the parameters of s against those that the notebook declares. In strict
// mode every fault is in the error, which is Faults. Otherwise nothing is an error, and
// the warnings tell: of unknown names in papermill's words.
//
// Unknown is a name that no parameter has. Missing is a parameter that is Required and
// not given. Types are checked where the notebook declares them, see typ.fits.
func Check(ps []Parameter, s *Set, strict bool) (warnings []string, err error) {
	faults := Fits(ps, s)
	if len(faults) == 0 {
		return nil, nil
	}
	if strict {
		return nil, faults
	}
	for _, f := range faults {
		if f.Why == whyUnknown {
			warnings = append(warnings, "Passed unknown parameter: "+f.Name)
		} else {
			warnings = append(warnings, f.String())
		}
	}
	return warnings, nil
}

const whyUnknown = "the notebook has no such parameter"

// Fits lists everything that is wrong with the parameters of s, unknown names first.
func Fits(ps []Parameter, s *Set) Faults {
	known := make(map[string]bool, len(ps))
	for _, p := range ps {
		known[p.Name] = true
	}
	var faults Faults
	for _, name := range s.Names() {
		if !known[name] {
			faults = append(faults, Fault{name, whyUnknown})
		}
	}
	for _, p := range ps {
		v, given := s.Get(p.Name)
		switch {
		case !given && p.Required:
			faults = append(faults, Fault{p.Name, "it has no default and was not given"})
		case given:
			if why := p.Fits(v); why != "" {
				faults = append(faults, Fault{p.Name, why})
			}
		}
	}
	return faults
}

// Fits says why v is no value for the parameter, or "". Only declared types count: that
// a default is 5 does not mean that 0.5 is wrong.
func (p Parameter) Fits(v Value) string {
	if !p.Declared {
		return ""
	}
	why := parseType(p.Type).fits(v)
	if _, text := v.(string); why != "" && !text && parseType(p.Type).fits("x") == "" {
		why += fmt.Sprintf(" (-r %s gives it as text)", p.Name)
	}
	return why
}
