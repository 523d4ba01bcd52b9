package run

import (
	"encoding/json"
	"fmt"
	"slices"

	"nbterm/engine/notebook"
)

// MarkerTag is on the cells that lead the reader of a failed run to the failure; it is
// papermill's, so that its tools find and remove them too.
const MarkerTag = "papermill-error-cell-tag"

// markerAnchor is the id that the link at the top leads to.
const markerAnchor = "papermill-error-cell"

const markerStyle = `style="color:red; font-weight:bold; font-size:1.5em"`

// RemoveMarkers takes out the cells that an earlier run put in.
func RemoveMarkers(doc *notebook.Notebook) {
	for i := doc.Len() - 1; i >= 0; i-- {
		if slices.Contains(doc.Cell(i).Tags(), MarkerTag) {
			doc.Delete(i, 1)
		}
	}
}

// AddMarkers puts a link at the top of doc and what it leads to before the cell that
// rec names.
func AddMarkers(doc *notebook.Notebook, rec Record) {
	place := "None"
	if rec.Count > 0 {
		place = fmt.Sprint(rec.Count)
	}
	what := map[Status]string{
		TimedOut: "took too long", Aborted: "was interrupted", Died: "lost its kernel", OOM: "ran out of memory",
		Stopped: "lost its kernel", Lost: "lost its kernel",
	}[rec.Status]
	if what == "" {
		what = "raised an exception"
	}
	top := fmt.Sprintf(`<span %s>The cell at <a href="#%s">In [%s]</a> %s.</span>`, markerStyle, markerAnchor, place, what)
	anchor := fmt.Sprintf(`<span id="%s" %s>The run ended at the next cell, which %s:</span>`, markerAnchor, markerStyle, what)
	if rec.Status == Completed {
		anchor = fmt.Sprintf(`<span id="%s" %s>The next cell raised an exception, and the run went on:</span>`, markerAnchor, markerStyle)
	}
	tags := json.RawMessage(`["` + MarkerTag + `"]`)
	doc.Insert(rec.Failed, notebook.NewCell(notebook.Markdown, anchor).WithMeta(tags, "tags"))
	doc.Insert(0, notebook.NewCell(notebook.Markdown, top).WithMeta(tags, "tags"))
}
