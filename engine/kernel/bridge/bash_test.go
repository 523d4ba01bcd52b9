package bridge_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"nbterm/engine/kernel/bridge"
	"nbterm/engine/wire"
)

func TestBashCells(t *testing.T) {
	t.Parallel()
	s := start(t, bridge.Specs()[1])
	for _, w := range []want{
		{name: "state is kept", code: "cd /; x='a b'; f() { echo \"f $x\"; }; alias hi='echo hello'"},
		{name: "and used", code: "pwd; f; hi", out: "/\nf a b\nhello\n"},
		{name: "quotes and newlines", code: "echo 'it'\"'\"'s'\necho \"two\nlines\"", out: "it's\ntwo\nlines\n"},
		{name: "a here-document", code: "cat <<EOF\n$x\nEOF", out: "a b\n"},
		{name: "a heredoc that hides quotes", code: "cat <<'EOF'\n'$x'\nEOF", out: "'$x'\n"},
		{name: "stderr", code: "echo oops >&2", err: "oops"},
		{name: "a failing command", code: "echo before; false", out: "before\n", raises: "ExitCode", trace: "exit status 1"},
		{name: "a failing function", code: "(exit 42)", raises: "ExitCode", trace: "42"},
		{name: "an unknown command", code: "nosuchcommand", err: "nosuchcommand", raises: "ExitCode", trace: "127"},
		{name: "a syntax error", code: "if true; then", err: "syntax error", raises: "ExitCode"},
		{name: "read meets the end of input", code: "read -r y; echo \"[$y] $?\"", out: "[] 1\n"},
		{name: "history expansion is off", code: "echo hey!!", out: "hey!!\n"},
		{name: "an unset variable", code: "set -u; echo $nosuch; echo not reached", err: "unbound", raises: "ExitCode"},
		{name: "exec moves descriptors", code: "set +u; exec 3>&1; echo three >&3; exec 3>&-", out: "three\n"},
		{name: "a new prompt is not printed", code: "PS1='venv> '; PROMPT_COMMAND='echo ps'"},
		{name: "nor later", code: "echo plain", out: "plain\n"},
		{name: "comments only", code: "# nothing"},
		{name: "wide characters", code: "printf 'h\\303\\251\\n'; printf '\\xf0\\x9f\\xa6\\x89'; printf '\\xff'", out: "hé\n🦉\uFFFD"},
		{name: "an array", code: "a=(1 2 3); echo ${#a[@]} ${a[1]}", out: "3 2\n"},
		{name: "process substitution", code: "cat <(echo one) <(echo two)", out: "one\ntwo\n"},
		{name: "a subshell that exits", code: "(exit 0); echo on", out: "on\n"},
	} {
		check(t, s, w)
	}
}

func TestBashInterruptLeavesNoNoise(t *testing.T) {
	t.Parallel()
	s := start(t, bridge.Specs()[1])
	s.run(t, "kept=yes")
	for _, code := range []string{"sleep 1000", "while :; do :; done", "for i in 1 2 3; do sleep 1000; done", "sleep 1000 | cat", "x=$(sleep 1000)"} {
		cell := interrupted(t, s, "echo now\n"+code)
		if cell.Reply.EName != "KeyboardInterrupt" {
			t.Fatalf("%s: %v", code, cell)
		}
		if got := strings.TrimSpace(cell.Text("stderr")); got != "" {
			t.Errorf("%s: stderr %q", code, got)
		}
		if got := s.run(t, "echo $kept").Text("stdout"); got != "yes\n" {
			t.Errorf("%s: state %q", code, got)
		}
	}
}

func TestBashExitEndsTheKernelQuietly(t *testing.T) {
	t.Parallel()
	s := start(t, bridge.Specs()[1])
	cell := s.Execute("echo bye; exit 4")
	if cell.Ended || cell.Text("stdout") != "bye\n" || cell.Text("stderr") != "" {
		t.Errorf("%v", cell)
	}
	<-s.kernel.Done()
	if exit := s.kernel.Exit(); exit.Code != 4 || exit.Asked {
		t.Errorf("%+v", exit)
	}
}

func TestBashCompletes(t *testing.T) {
	t.Parallel()
	s := start(t, bridge.Specs()[1])
	if err := os.WriteFile(s.dir+"/notes.txt", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s.run(t, "treasure=1; my_function() { :; }")
	for _, one := range []struct{ code, want string }{
		{"echo $treas", "$treasure"}, {"echo ${treas", "${treasure"}, {"my_fu", "my_function"}, {"ls | my_fu", "my_function"},
		{"if true; then my_fu", "my_function"}, {"cat not", "notes.txt"}, {"cat ./not", "./notes.txt"}, {"é; my_fu", "my_function"},
	} {
		var r wire.CompleteReply
		at := len([]rune(one.code))
		s.Request(wire.Shell, wire.TypeCompleteRequest, wire.CompleteRequest{Code: one.code, CursorPos: at}, &r)
		if !slices.Contains(r.Matches, one.want) || r.CursorEnd != at || r.CursorStart != at-len([]rune(lastWord(one.code))) {
			t.Errorf("%s: %+v", one.code, r)
		}
	}
	var in wire.InspectReply
	s.Request(wire.Shell, wire.TypeInspectRequest, wire.InspectRequest{Code: "my_function", CursorPos: 3}, &in)
	if !in.Found || !strings.Contains(string(in.Data), "my_function ()") {
		t.Errorf("%+v", in)
	}
	for code, want := range map[string]string{
		"echo 'a": "incomplete", "for i in 1; do": "incomplete", "cat <<E\nx": "incomplete", "a \\": "incomplete", "fi": "invalid", "ls": "complete",
	} {
		var r wire.IsCompleteReply
		s.Request(wire.Shell, wire.TypeIsCompleteRequest, wire.IsCompleteRequest{Code: code}, &r)
		if r.Status != want {
			t.Errorf("%q: %s, want %s", code, r.Status, want)
		}
	}
}

func lastWord(code string) string { return code[strings.LastIndex(code, " ")+1:] }
