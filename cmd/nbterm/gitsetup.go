package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"nbterm/render/term"
	"nbterm/storage"
)

// attribute is the line of .gitattributes that gives notebooks to us.
const attribute = "*.ipynb diff=nbterm"

// gitSetup is what `nbterm git-setup` is asked for.
type gitSetup struct {
	global, remove, yes, dry bool
}

func newGitSetupCmd(a *app) *cobra.Command {
	var f gitSetup
	cmd := &cobra.Command{
		Use:   "git-setup",
		Short: "Let git compare notebooks with nbterm",
		Long: "Tells git to show notebooks as text in git diff, log -p and show, and gives it the\n" +
			"difftool nbterm, which compares them cell by cell. Writes to the repository here: its\n" +
			".git/config, and .gitattributes, which is for everybody who works in it; with --global\n" +
			"to your own git configuration. It shows what it will write and asks first.",
		Example: "  nbterm git-setup\n  git difftool -t nbterm HEAD~1\n  nbterm git-setup --remove",
		Args:    maxArgs(0),
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.gitSetup(cmd.Context(), f) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.global, "global", false, "for all repositories of yours")
	flags.BoolVar(&f.remove, "remove", false, "take out what git-setup wrote")
	flags.BoolVarP(&f.yes, "yes", "y", false, "do not ask")
	flags.BoolVar(&f.dry, "dry-run", false, "only show what would be written")
	return cmd
}

// gitChange is what will be done to git's configuration and attributes.
type gitChange struct {
	scope      string      // the flag of git config
	set        [][2]string // keys with their values; "" takes the key out
	attributes string      // the file
	text       string      // what it will hold
	was        string
	note       string
}

func (a *app) gitSetup(ctx context.Context, f gitSetup) error {
	c, err := a.gitChange(ctx, f)
	if err != nil {
		return err
	}
	if len(c.set) == 0 && c.text == c.was {
		fmt.Fprintln(a.out, "Nothing to do: git is set up so already.")
		return nil
	}
	a.tellGit(c)
	switch {
	case f.dry:
		return nil
	case f.yes:
	case !isTerminal(a.in) || !isTerminal(a.out):
		return usagef("nothing was written: there is no terminal to ask on; --yes does it, --dry-run only shows it")
	default:
		fmt.Fprint(a.out, "\nWrite this? [y/N] ")
		answer, _ := bufio.NewReader(a.in).ReadString('\n') // the end of input is a no
		if answer = strings.ToLower(strings.TrimSpace(answer)); answer != "y" && answer != "yes" {
			fmt.Fprintln(a.out, "Nothing was written.")
			return nil
		}
	}
	if err := a.writeGit(ctx, c); err != nil {
		return err
	}
	if f.remove {
		fmt.Fprintln(a.out, "Done.")
	} else {
		fmt.Fprintln(a.out, "Done: git diff shows notebooks as text, git difftool -t nbterm by cells.")
	}
	return nil
}

// gitChange finds out what there is to do.
func (a *app) gitChange(ctx context.Context, f gitSetup) (gitChange, error) {
	c := gitChange{scope: "--local"}
	if f.global {
		c.scope = "--global"
	}
	var err error
	if c.attributes, err = a.attributesFile(ctx, f.global); err != nil {
		return c, err
	}
	data, err := os.ReadFile(c.attributes)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return c, exit(exitStorage, fmt.Errorf("read git's attributes: %w", err))
	}
	c.was = string(data)
	self := a.selfForGit()
	for _, want := range [][2]string{
		{"diff.nbterm.textconv", self + " diff --textconv"},
		{"difftool.nbterm.cmd", self + ` diff "$LOCAL" "$REMOTE"`},
	} {
		has, err := a.git(ctx, "config", c.scope, "--get", want[0])
		if f.remove && err == nil {
			c.set = append(c.set, [2]string{want[0], ""})
		} else if !f.remove && has != want[1] {
			c.set = append(c.set, want)
		}
	}
	if f.remove {
		c.text = withoutAttribute(c.was)
	} else {
		c.text, c.note = withAttribute(c.was)
	}
	return c, nil
}

// withAttribute adds our line at the end, where it counts, and says whose it overrides.
func withAttribute(text string) (with, note string) {
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0] != "*.ipynb" {
			continue
		}
		note = ""
		for _, f := range fields[1:] {
			if f == "diff=nbterm" {
				return text, ""
			}
			if strings.HasPrefix(f, "diff") || strings.HasPrefix(f, "-diff") {
				note = fmt.Sprintf("It comes before %q, which stays there and no longer counts.", strings.TrimSpace(line))
			}
		}
	}
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return text + attribute + "\n", note
}

func withoutAttribute(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) != attribute {
			b.WriteString(line)
		}
	}
	return b.String()
}

// attributesFile is the repository's .gitattributes, or the user's own.
func (a *app) attributesFile(ctx context.Context, global bool) (string, error) {
	if !global {
		top, err := a.git(ctx, "rev-parse", "--show-toplevel")
		if err != nil {
			return "", usagef("set git up here: %w; --global is for all repositories", err)
		}
		return filepath.Join(top, ".gitattributes"), nil
	}
	if file, err := a.git(ctx, "config", "--global", "--type=path", "--get", "core.attributesFile"); err == nil && file != "" {
		return file, nil
	}
	if dir := a.getenv("XDG_CONFIG_HOME"); dir != "" {
		return filepath.Join(dir, "git", "attributes"), nil
	}
	if a.getenv("HOME") == "" {
		return "", usagef("set git up: there is no home folder, HOME is not set")
	}
	return filepath.Join(a.getenv("HOME"), ".config", "git", "attributes"), nil
}

// selfForGit is how git can call us: by name where that leads here, else by path.
func (a *app) selfForGit() string {
	self, err := os.Executable()
	if err != nil {
		return "nbterm"
	}
	for _, dir := range filepath.SplitList(a.getenv("PATH")) {
		named, err1 := os.Stat(filepath.Join(dir, "nbterm"))
		us, err2 := os.Stat(self)
		if err1 == nil && err2 == nil && os.SameFile(named, us) {
			return "nbterm"
		}
	}
	return "'" + strings.ReplaceAll(self, "'", `'\''`) + "'"
}

func (a *app) tellGit(c gitChange) {
	for _, s := range c.set {
		if s[1] == "" {
			fmt.Fprintf(a.out, "git config %s --unset-all %s\n", c.scope, s[0])
		} else {
			fmt.Fprintf(a.out, "git config %s %s %q\n", c.scope, s[0], s[1])
		}
	}
	if c.text != c.was {
		verb := "add to"
		if len(c.text) < len(c.was) {
			verb = "take out of"
		}
		fmt.Fprintf(a.out, "%s %s:  %s\n", verb, term.Clean(a.tilde(c.attributes)), attribute)
	}
	if c.note != "" {
		fmt.Fprintln(a.out, term.Clean(c.note))
	}
}

func (a *app) writeGit(ctx context.Context, c gitChange) error {
	for _, s := range c.set {
		args := []string{"config", c.scope, "--replace-all", s[0], s[1]}
		if s[1] == "" {
			args = []string{"config", c.scope, "--unset-all", s[0]}
		}
		if _, err := a.git(ctx, args...); err != nil {
			return exit(exitStorage, fmt.Errorf("set %s: %w", s[0], err))
		}
	}
	if c.text == c.was {
		return nil
	}
	if err := a.writeAttributes(ctx, c); err != nil {
		return exit(exitStorage, fmt.Errorf("write git's attributes: %w", err))
	}
	return nil
}

// writeAttributes replaces the file as it was read, or takes away one that is left empty.
func (a *app) writeAttributes(ctx context.Context, c gitChange) error {
	if c.text == "" {
		return os.Remove(c.attributes)
	}
	if err := os.MkdirAll(filepath.Dir(c.attributes), 0o755); err != nil {
		return err
	}
	at, err := a.localPlace(c.attributes)
	if err != nil {
		return err
	}
	data, info, err := at.store.Read(ctx, at.name)
	if err != nil && !errors.Is(err, storage.ErrNotExist) {
		return err
	}
	if string(data) != c.was {
		return fmt.Errorf("%s was changed in the meantime", c.attributes)
	}
	_, err = at.store.Write(ctx, at.name, []byte(c.text), info.Revision)
	return err
}

// git runs git here and gives what it prints, without the line end.
func (a *app) git(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Env = a.environ
	var told strings.Builder
	cmd.Stderr = &told
	out, err := cmd.Output()
	if errors.Is(err, exec.ErrNotFound) {
		return "", errors.New("git is not installed")
	}
	if err != nil {
		if text := strings.TrimSpace(told.String()); text != "" {
			return "", errors.New(strings.TrimPrefix(text, "fatal: "))
		}
		return "", fmt.Errorf("git %s: %w", args[0], err)
	}
	return strings.TrimRight(string(out), "\n"), nil
}
