package zmq

import (
	"slices"
	"testing"
)

func TestOnlyIPykernelsCommandIsRewritten(t *testing.T) {
	t.Parallel()
	for _, argv := range [][]string{
		{}, {"R", "--slave", "-e", "IRkernel::main()"}, {"python3", "-m", "other_kernel", "-f", "x"}, {"-m", "ipykernel_launcher"},
		{"conda", "run", "python", "-m"},
	} {
		if got := lossless(argv); !slices.Equal(got, argv) {
			t.Errorf("%q became %q", argv, got)
		}
	}
	argv := []string{"python3", "-X", "frozen_modules=off", "-m", "ipykernel_launcher", "-f", "x"}
	want := []string{"python3", "-X", "frozen_modules=off", "-c", losslessLauncher, "-f", "x"}
	if got := lossless(argv); !slices.Equal(got, want) || argv[3] != "-m" {
		t.Errorf("%q", got)
	}
}
