package spec

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrNone means that no kernel can run the notebook.
var ErrNone = errors.New("no kernel for this notebook")

// Choose picks the kernel for a notebook whose metadata names a kernel and a
// language; either may be "". specs is what exists, in order of preference, the
// embedded kernels among them; one with a Problem is never chosen.
//
//   - The kernel of that name, when it can start.
//   - Else one of the same language, an embedded one last; the note says so.
//   - Naming neither means Python, and where there is none, an embedded shell.
//
// note is one sentence for the user, "" when the notebook gets what it asks for.
// The error wraps ErrNone, names what exists and what to try.
func Choose(specs []Spec, name, language string) (s Spec, note string, err error) {
	why := fmt.Sprintf("there is no kernel %q", name)
	if i := slices.IndexFunc(specs, func(s Spec) bool { return s.Name == strings.ToLower(name) }); i >= 0 {
		if specs[i].Problem == "" {
			return specs[i], "", nil
		}
		why = fmt.Sprintf("kernel %q cannot start: %s", name, specs[i].Problem)
		if language == "" {
			language = specs[i].Language
		}
	}
	anything := name == "" && language == ""
	if anything {
		language = "python"
	}
	if language == "" && strings.HasPrefix(strings.ToLower(name), "python") {
		language = "python"
	}
	if s, ok := ofLanguage(specs, language); ok {
		switch {
		case name != "":
			note = fmt.Sprintf("%s; using %s", why, title(s))
		case s.Embedded && sameLanguage(language, "python"):
			note = fmt.Sprintf("no ipykernel was found; using %s", title(s))
		}
		return s, note, nil
	}
	if anything {
		for _, s := range specs {
			if s.Embedded && s.Problem == "" {
				return s, fmt.Sprintf("no Python was found, so only shell cells run; using %s", title(s)), nil
			}
		}
	}
	if name == "" {
		why = fmt.Sprintf("there is no kernel for %s", language)
	}
	return Spec{}, "", fmt.Errorf("%w: %s; %s", ErrNone, why, alternatives(specs))
}

// ofLanguage prefers python3 by name, then the order of specs, embedded ones last.
func ofLanguage(specs []Spec, language string) (Spec, bool) {
	var best Spec
	rank := 0
	for _, s := range specs {
		r := 2
		switch {
		case s.Problem != "" || !sameLanguage(s.Language, language):
			continue
		case s.Embedded:
			r = 1
		case s.Name == Native:
			r = 3
		}
		if r > rank {
			best, rank = s, r
		}
	}
	return best, rank > 0
}

func title(s Spec) string {
	if s.DisplayName == "" || s.DisplayName == s.Name {
		return s.Name
	}
	return fmt.Sprintf("%s (%s)", s.Name, s.DisplayName)
}

func alternatives(specs []Spec) string {
	var names []string
	for _, s := range specs {
		if s.Problem == "" {
			names = append(names, title(s))
		}
	}
	if len(names) == 0 {
		return "no other kernel can start either; install ipykernel for Python, or run `nbterm doctor`"
	}
	return "install it, or choose one of these with --kernel: " + strings.Join(names, ", ")
}
