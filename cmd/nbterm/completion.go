package main

import (
	"strings"

	"github.com/spf13/cobra"
)

func newCompletionCmd(_ *app) *cobra.Command {
	shells := []string{"bash", "zsh", "fish"}
	return &cobra.Command{
		Use:       "completion bash|zsh|fish",
		Short:     "Print the completion script of a shell",
		Example:   "  source <(nbterm completion bash)",
		ValidArgs: shells,
		Args:      exactArgs("a shell (" + strings.Join(shells, ", ") + ")"),
		RunE: func(cmd *cobra.Command, args []string) error {
			root, out := cmd.Root(), cmd.OutOrStdout()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(out, true)
			case "zsh":
				return root.GenZshCompletion(out)
			case "fish":
				return root.GenFishCompletion(out, true)
			}
			return usagef("there is no completion for %q, only for %s", args[0], strings.Join(shells, ", "))
		},
	}
}
