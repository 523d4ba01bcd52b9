// Package engine is the root of all that nbterm does without a screen.
//
// Vocabulary, as Jupyter uses it: a notebook is a list of cells; a kernel runs
// code; an output is a mime bundle. Ours: a host owns one kernel, its execution
// queue and its numbered events; a session is a notebook with a host; a run is
// one headless execution of a notebook.
//
// The map (an arrow means "imports"):
//
//	run, settle ─▶ session ─▶ host ─▶ kernel ─▶ wire
//	                  │         │        └────▶ kernel/spec
//	                  │         └── host/{journal, link, registry, process}
//	merge, recovery ──┴──▶ notebook ─▶ mime
//	params, job ──────────────▲
//	sweep ─▶ run, scrap, params
//	kernel/{zmq, bridge, gateway} ─▶ kernel
//
// The import rule: engine imports only the storage root, and nothing that draws;
// kernel/gateway besides uses the Jupyter client of storage/contents.
package engine
