package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"nbterm/engine/run"
	"nbterm/render/term"
)

func newRunsCmd(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "runs",
		Short:   "Look at the records of runs",
		Example: "  nbterm runs verify out/*.ipynb",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return usagef("say what of runs: verify")
		},
	}
	cmd.AddCommand(newRunsVerifyCmd(a))
	return cmd
}

// verified is one record, as `runs verify --json` prints it.
type verified struct {
	File   string `json:"file"`
	OK     bool   `json:"ok"`
	Run    string `json:"run,omitempty"`
	Status string `json:"status,omitempty"` // of the run, as the record has it
	Ended  string `json:"ended,omitempty"`
	Source string `json:"source,omitempty"` // same, changed, gone: the input file, against its hash in the record
	Why    string `json:"why,omitempty"`    // it is not ok
}

func newRunsVerifyCmd(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify FILE...",
		Short: "Check that records are as their runs left them",
		Long: "Checks the seal of each record: the hash of the file as it was when its run ended.\n" +
			"Also tells whether the notebook that ran is still the same. The exit status is 1 when\n" +
			"a record was changed, is not sealed or is none.",
		Example: "  nbterm runs verify out/*.ipynb",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.verify(cmd.Context(), args, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (a *app) verify(ctx context.Context, files []string, asJSON bool) error {
	rows := make([]verified, 0, len(files))
	bad := 0
	var unread error
	for _, file := range files {
		row, err := a.verifyOne(ctx, file)
		unread = errors.Join(unread, err)
		if rows = append(rows, row); !row.OK {
			bad++
		}
	}
	var err error
	if asJSON {
		err = writeJSON(a.out, rows)
	} else {
		err = a.printVerified(rows)
	}
	switch {
	case err != nil:
		return err
	case unread != nil:
		return exit(exitStorage, unread)
	case bad > 0:
		return exit(exitFailed, nil)
	}
	return nil
}

// verifyOne checks one record; the error is that of a file that cannot be read.
func (a *app) verifyOne(ctx context.Context, file string) (verified, error) {
	row := verified{File: file}
	data, err := a.read(ctx, file)
	if err != nil {
		row.Why = "it cannot be read"
		return row, err
	}
	s, err := run.Verify(data)
	row.OK, row.Run, row.Status, row.Ended = err == nil, s.Run, string(s.Status), s.Ended
	if err != nil {
		row.Why = err.Error()
	}
	if s.Source != "" && s.Path != "-" {
		row.Source = a.compareSource(ctx, s)
	}
	return row, nil
}

func (a *app) read(ctx context.Context, file string) ([]byte, error) {
	at, err := a.place(ctx, file)
	if err != nil {
		return nil, err
	}
	data, _, err := at.store.Read(ctx, at.name)
	return data, err
}

func (a *app) compareSource(ctx context.Context, s run.Sealed) string {
	data, err := a.read(ctx, s.Path)
	if err != nil {
		return "gone"
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != s.Source {
		return "changed"
	}
	return "same"
}

func (a *app) printVerified(rows []verified) error {
	tw := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, r := range rows {
		word, why := "ok", r.Why
		if !r.OK {
			word = "BAD"
		}
		if r.OK && r.Source != "same" && r.Source != "" {
			why = "the source is " + r.Source
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\n", word, term.Clean(r.File), r.Run, term.Clean(r.Status), term.Clean(why))
	}
	return tw.Flush()
}
