package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"nbterm/render/term"
	"nbterm/storage"
	"nbterm/storage/transfer"
)

// cpFlags are the flags of `nbterm cp`.
type cpFlags struct {
	deep, force, quiet bool
}

func newCpCmd(a *app) *cobra.Command {
	var f cpFlags
	cmd := &cobra.Command{
		Use:   "cp SRC… DST",
		Short: "Copy files and folders between any places",
		Long: "Copies from any place to any other: the disk, mounts (efs://), buckets (s3://),\n" +
			"Jupyter Servers (jupyter+http://), and from the web. DST is a folder if it ends in a\n" +
			"slash, is one already, or there are several SRC; - is standard input or output.\n" +
			"What is there is not overwritten without --force; what is there already with the\n" +
			"same content is left. A copy that was interrupted goes on when it is asked for again.\n" +
			"A version of a file is copied by its id: s3://bucket/key?versionId=ID.",
		Example: "  nbterm cp -r results/ s3://team/runs/2026-11-19/\n  nbterm cp s3://team/report.ipynb?versionId=3HL4 restored.ipynb",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return exactArgs("what to copy", "where to")(cmd, args)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.cp(cmd.Context(), args[:len(args)-1], args[len(args)-1], f)
		},
	}
	flags := cmd.Flags()
	flags.BoolVarP(&f.deep, "recursive", "r", false, "folders with all that is in them")
	flags.BoolVar(&f.force, "force", false, "replace what is there")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "tell nothing but failures")
	return cmd
}

// copying is one `nbterm cp`.
type copying struct {
	app     *app
	f       cpFlags
	journal *transfer.Journal
	show    *copyLine

	mu      sync.Mutex // guards the rest
	made    map[string]bool
	copied  int
	skipped int
	bytes   int64
	faults  []error
}

func (a *app) cp(ctx context.Context, from []string, to string, f cpFlags) error {
	if to == "-" || from[0] == "-" {
		return a.cpStream(ctx, from, to, f)
	}
	target, err := a.place(ctx, to)
	if err != nil {
		return hinted(err)
	}
	c := &copying{app: a, f: f, show: a.newCopyLine(f.quiet), made: map[string]bool{}}
	if state, err := a.stateDir(); err == nil {
		c.journal = &transfer.Journal{Dir: filepath.Join(state, "transfers"), Now: a.now}
		c.journal.Sweep()
	}
	into := strings.HasSuffix(to, "/") || len(from) > 1
	if !into && target.name != "" {
		info, err := target.store.Stat(ctx, target.name)
		into = err == nil && info.Dir
	}
	into = into || target.name == ""
	for _, address := range from {
		if ctx.Err() != nil {
			break
		}
		c.source(ctx, address, target, into)
	}
	c.show.end()
	a.warn(target.store)
	return c.outcome(ctx)
}

// outcome tells how it went.
func (c *copying) outcome(ctx context.Context) error {
	if ctx.Err() != nil {
		return errors.New("interrupted; the same command goes on from here")
	}
	if len(c.faults) == 1 && exitCode(ctx, c.faults[0]) == exitUsage {
		return c.faults[0]
	}
	if len(c.faults) > 0 {
		return exit(exitStorage, errors.Join(c.faults...))
	}
	if !c.f.quiet {
		there := ""
		if c.skipped > 0 {
			there = fmt.Sprintf("; %d were there already", c.skipped)
		}
		plural := "s"
		if c.copied == 1 {
			plural = ""
		}
		fmt.Fprintf(c.app.err, "%d file%s copied, %s%s\n", c.copied, plural, bytesShown(c.bytes), there)
	}
	return nil
}

func (c *copying) fault(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = append(c.faults, err)
}

// source copies what one address names.
func (c *copying) source(ctx context.Context, address string, to place, into bool) {
	from, err := c.app.place(ctx, address)
	if err != nil {
		c.fault(hinted(err))
		return
	}
	target := to.name
	if into && !strings.HasSuffix(address, "/") { // as rsync has it: the slash is what is in the folder
		target = joined(to.name, path.Base(bareName(from)))
	}
	info, err := c.look(ctx, from)
	switch {
	case err != nil:
		c.fault(hinted(err))
	case info.Dir && !c.f.deep:
		c.fault(exit(exitUsage, fmt.Errorf("%s is a folder; -r copies it with all that is in it", from.url)))
	case info.Dir:
		if from.store == to.store && (target == from.name || strings.HasPrefix(target+"/", from.name+"/")) {
			c.fault(exit(exitUsage, fmt.Errorf("%s would be copied into itself", from.url)))
			return
		}
		c.tree(ctx, from, to, target)
	default:
		c.file(ctx, from, to, target, info)
	}
}

// bareName is a name without the query of a web address.
func bareName(p place) string {
	if p.kind == kindWeb {
		name, _, _ := strings.Cut(p.name, "?")
		return name
	}
	return p.name
}

func joined(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}

func (c *copying) look(ctx context.Context, from place) (storage.Info, error) {
	if from.name == "" {
		return storage.Info{Dir: true}, nil
	}
	if r, ok := from.store.(storage.Ranger); ok { // cheaper than Stat where that hashes
		if _, info, err := r.ReadRange(ctx, from.name, 0, 1, storage.None); err == nil {
			return info, nil
		}
	}
	return from.store.Stat(ctx, from.name)
}

// copyHands is how many files are under way at once: most of a small file is waiting.
const copyHands = 4

// tree copies what is in a folder.
func (c *copying) tree(ctx context.Context, from, to place, target string) {
	lister, ok := from.store.(storage.Lister)
	if !ok {
		c.fault(fmt.Errorf("%s: %w", from.url, errNoList))
		return
	}
	files := make(chan storage.Info)
	var group sync.WaitGroup
	for range copyHands {
		group.Go(func() {
			for info := range files {
				one := from
				one.name, one.url = info.Path, from.at(info.Path)
				rest := strings.TrimPrefix(strings.TrimPrefix(info.Path, from.name), "/")
				c.file(ctx, one, to, joined(target, rest), info)
			}
		})
	}
	c.walk(ctx, lister, from, from.name, files, func(dir string) {
		rest := strings.TrimPrefix(strings.TrimPrefix(dir, from.name), "/")
		c.makeDirs(ctx, to, strings.TrimSuffix(joined(target, rest), "/"))
	})
	close(files)
	group.Wait()
}

func (c *copying) walk(ctx context.Context, lister storage.Lister, from place, dir string, files chan<- storage.Info, made func(string)) {
	made(dir)
	var folders []string
	for page := ""; ctx.Err() == nil; {
		got, err := lister.List(ctx, dir, page)
		if err != nil {
			c.fault(err)
			return
		}
		for _, e := range got.Entries {
			if e.Dir {
				folders = append(folders, e.Path)
				continue
			}
			select {
			case files <- e:
			case <-ctx.Done():
				return
			}
		}
		if page = got.Next; page == "" {
			break
		}
	}
	for _, folder := range folders {
		c.walk(ctx, lister, from, folder, files, made)
	}
}

// makeDirs makes a folder and those it stands in, where folders are more than names.
func (c *copying) makeDirs(ctx context.Context, to place, dir string) {
	maker, ok := to.store.(storage.Maker)
	if !ok || to.kind == kindS3 || dir == "" || dir == "." {
		return
	}
	c.mu.Lock()
	done := c.made[dir]
	c.made[dir] = true
	c.mu.Unlock()
	if done {
		return
	}
	if info, err := to.store.Stat(ctx, dir); err == nil && info.Dir {
		return
	}
	c.makeDirs(ctx, to, parentOf(dir))
	if err := maker.MakeDir(ctx, dir); err != nil && !errors.Is(err, storage.ErrExist) && ctx.Err() == nil {
		c.fault(err)
	}
}

func parentOf(name string) string {
	if dir := path.Dir(name); dir != "." {
		return dir
	}
	return ""
}

func (c *copying) file(ctx context.Context, from, to place, target string, info storage.Info) {
	if ctx.Err() != nil {
		return
	}
	c.makeDirs(ctx, to, parentOf(target))
	source := transfer.Place{Store: from.store, Name: from.name, URL: from.url}
	dest := to
	dest.name, dest.url = target, to.at(target)
	o := transfer.Options{Force: c.f.force, Journal: c.journal, Progress: c.show.of(from.url, info.Size)}
	if from.store == to.store && from.name == target {
		c.fault(fmt.Errorf("%s and %s are the same file", from.url, dest.url))
		return
	}
	got, err := transfer.Copy(ctx, source, transfer.Place{Store: to.store, Name: target, URL: dest.url}, o)
	c.show.done(from.url)
	if errors.Is(err, storage.ErrExist) && ctx.Err() == nil {
		same, serr := sameContent(ctx, source, transfer.Place{Store: to.store, Name: target})
		switch {
		case serr == nil && same:
			c.mu.Lock()
			c.skipped++
			c.mu.Unlock()
			return
		case serr == nil:
			err = fmt.Errorf("%w, with other content; --force replaces it", err)
		}
	}
	if err != nil {
		if ctx.Err() == nil {
			c.fault(err)
		}
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.copied++
	c.bytes += got.Size
}

// cpStream copies from standard input or to standard output.
func (a *app) cpStream(ctx context.Context, from []string, to string, f cpFlags) error {
	if len(from) > 1 {
		return usagef("- stands for one stream: copy one file")
	}
	var data []byte
	var err error
	if from[0] == "-" {
		if data, err = io.ReadAll(a.in); err != nil {
			return exit(exitStorage, fmt.Errorf("read standard input: %w", err))
		}
	} else {
		p, err := a.place(ctx, from[0])
		if err != nil {
			return hinted(err)
		}
		if data, _, err = p.store.Read(ctx, p.name); err != nil {
			return exit(exitStorage, hinted(err))
		}
	}
	if to == "-" {
		if isTerminal(a.out) {
			data = []byte(cleanLines(string(data)))
		}
		if _, err = a.out.Write(data); err != nil && !errors.Is(err, os.ErrClosed) {
			return exit(exitStorage, fmt.Errorf("write standard output: %w", err))
		}
		return nil
	}
	p, err := a.place(ctx, to)
	if err != nil {
		return hinted(err)
	}
	was := storage.None
	if f.force {
		if _, info, err := p.store.Read(ctx, p.name); err == nil {
			was = info.Revision
		}
	}
	_, err = p.store.Write(ctx, p.name, data, was)
	a.warn(p.store)
	if err != nil {
		return exit(exitStorage, err)
	}
	return nil
}

// copyLine is one line on the terminal that says how far a copy is.
type copyLine struct {
	w io.Writer // nil says nothing

	mu    sync.Mutex // guards the rest
	now   map[string][2]int64
	files int
	shown string
}

func (a *app) newCopyLine(quiet bool) *copyLine {
	if quiet || !isTerminal(a.err) {
		return &copyLine{}
	}
	return &copyLine{w: a.err, now: map[string][2]int64{}}
}

// of is told how far one file is.
func (l *copyLine) of(name string, total int64) func(done, total int64) {
	if l.w == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now[name] = [2]int64{0, total}
	return func(done, total int64) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.now[name] = [2]int64{done, total}
		l.draw()
	}
}

func (l *copyLine) done(name string) {
	if l.w == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.now, name)
	l.files++
}

// draw tells of the file that has most before it: the small ones are gone before they can
// be read.
func (l *copyLine) draw() {
	var name string
	var at [2]int64
	for n, a := range l.now {
		if left := a[1] - a[0]; name == "" || left > at[1]-at[0] || left == at[1]-at[0] && n < name {
			name, at = n, a
		}
	}
	percent := int64(100)
	if at[1] > 0 {
		percent = at[0] * 100 / at[1]
	}
	line := fmt.Sprintf("%s  %s of %s (%d %%)", term.Clean(path.Base(name)), bytesShown(at[0]), bytesShown(at[1]), percent)
	if l.files > 0 {
		line += fmt.Sprintf(", %d done", l.files)
	}
	if line != l.shown {
		l.shown = line
		fmt.Fprint(l.w, "\r\x1b[K"+line)
	}
}

func (l *copyLine) end() {
	if l.w != nil && l.shown != "" {
		fmt.Fprint(l.w, "\r\x1b[K")
	}
}
