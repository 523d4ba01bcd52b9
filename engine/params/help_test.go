package params

import "testing"

func TestHelpIsLaidOutAsPapermillDoes(t *testing.T) {
	t.Parallel()
	ps, err := Infer(with("python3", "python", "msg = None\na: float = 2.25  # Nice variable a\nb: List[str] = ['Hello', 'World']  # Nice list\nday: str"))
	if err != nil {
		t.Fatal(err)
	}
	want := `
Parameters inferred for notebook 'x.ipynb':
  msg: Unknown type (default None)
  a: float (default 2.25)         Nice variable a
  b: List[str] (default ['Hello', 'World'])
                                  Nice list
  day: str (required)             
`
	if got := Help("x.ipynb", ps, true); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got, want := Help("x", nil, false), "\nParameters inferred for notebook 'x':\n\n  No cell tagged 'parameters'\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
