package main

import (
	"errors"
	"fmt"

	"nbterm/engine/notebook"
	"nbterm/storage"
)

// hinted adds to a failure of a store or a document what to try, where there is
// something; the failure itself says what and why.
func hinted(err error) error {
	try := ""
	switch {
	case err == nil:
		return nil
	case errors.Is(err, storage.ErrIsDir):
		try = "name a notebook in it"
	case errors.Is(err, storage.ErrNotExist):
		try = "look for a slip in the name"
	case errors.Is(err, storage.ErrPermission):
		try = "ask its owner for access, or copy it"
	case errors.Is(err, notebook.ErrEmpty):
		try = "remove it, and nbterm makes a new notebook of that name"
	case errors.Is(err, notebook.ErrNotNotebook):
		try = "nbterm opens .ipynb files"
	default:
		return err
	}
	return fmt.Errorf("%w; %s", err, try)
}
