package main

import (
	"errors"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

// newRootCmd is the whole command line.
func newRootCmd(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "nbterm NOTEBOOK",
		Short: "Jupyter notebooks in a terminal",
		Long: "nbterm edits and runs Jupyter notebooks in a terminal.\n\n" +
			"With a NOTEBOOK it opens the workbench on it; a name ending in .ipynb that is not\n" +
			"there yet is a new notebook. A name that is also a verb is reached as ./NAME.",
		Example:       "  nbterm report.ipynb\n  nbterm kernels",
		Args:          pathArg,
		SilenceErrors: true, // told by app.main, in one sentence
		SilenceUsage:  true,

		SuggestionsMinimumDistance: 2, // letters changed, for pathArg
	}
	root.CompletionOptions.DisableDefaultCmd = true // ours is shorter, see completion.go
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usagef("%w", err) })
	root.PersistentFlags().StringVar(&a.configFile, "config", "", "read this configuration `FILE` instead of the usual one")
	a.settingFlag(root.PersistentFlags(), "theme", "theme", "`NAME` of the colours: auto, dark, light or plain")
	a.settingFlag(root.PersistentFlags(), "log-level", "log.level", "`LEVEL` of the log: debug, info, warn, error or off")

	a.openOn(root)
	run, kernels := newRunCmd(a), newKernelsCmd(a)
	for _, cmd := range []*cobra.Command{root, run, kernels} {
		a.serverFlags(cmd.Flags())
	}
	root.AddCommand(
		newViewCmd(a),
		run,
		newRunsCmd(a),
		newCatCmd(a),
		newLsCmd(a),
		newCpCmd(a),
		newParamsCmd(a),
		newDiffCmd(a),
		newMetricsCmd(a),
		newGitSetupCmd(a),
		newServeCmd(a),
		newSessionsCmd(a),
		newAttachCmd(a),
		newKillCmd(a),
		newSettleCmd(a),
		kernels,
		newConfigCmd(a),
		newDoctorCmd(a),
		newCompletionCmd(a),
		newManCmd(a),
		newVersionCmd(a),
	)
	return root
}

// pathArg accepts at most one NOTEBOOK, and takes a word that is no file but nearly a
// verb for a slip of the finger.
func pathArg(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 && !looksLikePath(args[0]) {
		return usagef("there is no verb or file %q; did you mean %q?", args[0], near[0])
	}
	return maxArgs(1)(cmd, args)
}

func looksLikePath(arg string) bool {
	if strings.ContainsAny(arg, "./~:") {
		return true
	}
	_, err := os.Lstat(arg)
	return !errors.Is(err, os.ErrNotExist)
}

// maxArgs and exactArgs are cobra's checks with our exit status and wording.
func maxArgs(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > n {
			return usagef("%s takes no argument %q", cmd.CommandPath(), args[n])
		}
		return nil
	}
}

func exactArgs(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < len(names) {
			return usagef("%s needs %s", cmd.CommandPath(), strings.Join(names[len(args):], " and "))
		}
		return maxArgs(len(names))(cmd, args)
	}
}
