package term

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// pyte plays text in the emulator of that name, Debian's python3-pyte.
const pyte = `
import pyte, sys
screen = pyte.Screen(200, 100)
screen.set_mode(pyte.modes.LNM)
pyte.ByteStream(screen).feed(sys.stdin.buffer.read())
print("\n".join(line.rstrip() for line in screen.display).rstrip("\n"))
`

// What programs wrote to a terminal ends here as in two emulators: tqdm alone and
// nested, rich's live table and progress with lines between, wget. The files are what
// Debian 12's versions wrote.
func TestProgramsEndAsInEmulators(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		rows := Lines(string(data), options(200))
		for i := range rows {
			if err := Verify(rows[i]); err != nil {
				t.Errorf("%s: %v", file, err)
			}
			rows[i] = strings.TrimRight(plainOf(rows[i]), " ")
		}
		got := strings.TrimRight(strings.Join(rows, "\n"), "\n")
		if want := strings.TrimRight(emulated(string(data)), "\n"); got != want {
			t.Errorf("%s: got\n%s\nvt shows\n%s", file, got, want)
		}
		if want, ok := inPyte(t, data); ok && got != want {
			t.Errorf("%s: got\n%s\npyte shows\n%s", file, got, want)
		}
	}
}

// inPyte is what pyte shows; false where it is not installed.
func inPyte(t *testing.T, data []byte) (string, bool) {
	t.Helper()
	const python = "/usr/bin/python3" // Debian's, which has its packages
	if exec.Command(python, "-c", "import pyte").Run() != nil {
		if os.Getenv("NBTERM_REQUIRE_KERNELS") != "" {
			t.Error("python3-pyte is missing")
		}
		return "", false
	}
	cmd := exec.Command(python, "-c", pyte)
	cmd.Stdin = strings.NewReader(string(data))
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("pyte: %v", err)
	}
	return strings.TrimRight(string(out), "\n"), true
}

// A bar that is drawn a hundred thousand times, ten times what tqdm does in a day: the last
// state is what is left, and the text of a minute costs no more than reading it.
func TestABarOfManyStepsLeavesOneLine(t *testing.T) {
	t.Parallel()
	s := NewScreen(options(80))
	const piece = 1000
	for range 100_000 / piece {
		s.Write(strings.Repeat("\r 63%|██████▎   | 630000/1000000 [00:12<00:07, 52000.12it/s]", piece))
	}
	s.Write("\r100%|██████████| 1000000/1000000 [00:19<00:00, 52000.12it/s]\n")
	if got := s.Rows(0, s.Len()); len(got) != 1 || !strings.HasPrefix(got[0], "100%") {
		t.Errorf("got %q", got)
	}
}

// [18] of the reliability matrix: every attribute and colour of ordinary output is
// still there, as the terminal would show it.
func TestOrdinarySGRIsKept(t *testing.T) {
	t.Parallel()
	for _, params := range []string{
		"1", "2", "3", "4", "5", "7", "9", "53", "30", "37", "40", "47", "90", "97", "100", "107", "38;5;208", "48;5;17", "38;2;1;2;3", "48;2;250;251;252",
		"1;31", "0;1;4;38;5;9;48;5;10", "1;3;4;7;9;31;42",
	} {
		row := Lines("\x1b["+params+"mx\x1b[0m y", options(80))[0]
		want := applySGR(look{}.Style, params)
		got, rest := readLook(look{}, row)
		if got.Style != want || !strings.HasPrefix(rest, "x\x1b[m y") {
			t.Errorf("%s: %q has %+v, want %+v", params, row, got.Style, want)
		}
	}
}
