// Package notebook is the notebook screen: a virtual list of cells with an editor
// in the selected one, the status of the kernel above and the keys below. It owns
// the document and the session; everything slow happens in commands.
package notebook
