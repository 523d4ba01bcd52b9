//go:build torture

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// far is a notebook that names other machines in every place that could be fetched.
const far = `{"nbformat":4,"nbformat_minor":5,"metadata":{"kernelspec":{"name":"none-such","display_name":"none"}},"cells":[
{"cell_type":"markdown","id":"m1","metadata":{},"source":"![a](http://192.0.2.1/a.png) <img src='https://192.0.2.1/b.png'> [l](http://192.0.2.1/) <iframe src='http://192.0.2.1/'></iframe>\n\n![c](ftp://192.0.2.1/c.png) ![d](//192.0.2.1/d.png)"},
{"cell_type":"code","id":"c1","metadata":{},"execution_count":1,"source":"x","outputs":[
{"output_type":"display_data","metadata":{},"data":{"text/html":"<img src='http://192.0.2.1/e.png'><link rel=stylesheet href='http://192.0.2.1/s.css'><script src='http://192.0.2.1/s.js'></script><style>@import 'http://192.0.2.1/t.css'</style>"}},
{"output_type":"display_data","metadata":{},"data":{"image/svg+xml":"<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' width='40' height='40'><image xlink:href='http://192.0.2.1/f.png' width='40' height='40'/><style>@import url(http://192.0.2.1/u.css);</style></svg>"}},
{"output_type":"display_data","metadata":{},"data":{"application/vnd.vegalite.v5+json":{"$schema":"https://vega.github.io/schema/vega-lite/v5.json","data":{"url":"http://192.0.2.1/data.csv"},"mark":"bar"},"text/plain":"chart"}},
{"output_type":"display_data","metadata":{},"data":{"application/javascript":"fetch('http://192.0.2.1/')"}},
{"output_type":"stream","name":"stdout","text":"\u001b]8;;http://192.0.2.1/\u001b\\link\u001b]8;;\u001b\\\n"}]}]}`

// [21] of the reliability matrix: opening a notebook connects to nobody.
func TestTortureOpeningANotebookConnectsToNobody(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		if os.Getenv("NBTERM_REQUIRE_KERNELS") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	r := newTorture(t, "", "")
	path := filepath.Join(r.work, "far.ipynb")
	if err := os.WriteFile(path, []byte(far), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"view", "cat"} {
		log := filepath.Join(r.work, verb+".strace")
		rec := record(t, r.work, r.env, strace, "-f", "-e", "trace=connect,sendto", "-o", log, r.program(), verb, path)
		if verb == "view" {
			rec.waitFor("VIEW", 0)
			rec.settle(3 * time.Second) // all of it is drawn
			rec.press(" ")
			rec.press("F")
			rec.press("q")
			rec.press("\x11")
		}
		rec.end()
		data, err := os.ReadFile(log)
		if err != nil || len(data) == 0 {
			t.Fatalf("%s: no trace: %v", verb, err)
		}
		for line := range strings.Lines(string(data)) {
			if strings.Contains(line, "AF_INET") || strings.Contains(line, "192.0.2.1") {
				t.Errorf("%s: %s", verb, line)
			}
		}
	}
}
