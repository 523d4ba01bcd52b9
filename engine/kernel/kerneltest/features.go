package kerneltest

import "fmt"

// Features is what a kernel can do, as code in its language. A field left empty
// leaves the tests of it out: a caller clears what its kernel honestly lacks.
// FIFO arguments are paths of named pipes, by which a cell and its test meet
// without either sleeping.
type Features struct {
	Language string // as kernel_info_reply names it

	// Remote kernels are on another machine as far as their transport can tell: it
	// knows no PID, no exit status, and of their end only after seconds.
	Remote bool
	PID    string // prints the number of the kernel's process, where Remote

	Steps      func(fifo string) string // prints "one", flushed; reads a line of fifo; prints "two"
	Burst      func(n int) string       // prints "line 0" to n-1, each flushed
	BurstLines int                      // 0 is 20,000
	Tell       func(fifo string) string // writes a line to fifo
	Value      Want                     // a last expression
	Rich       Want                     // displays something as Mime
	Raise      Want                     // raises; Text is the name of the error
	Stderr     string                   // writes "oops" to the error stream
	Ask        string                   // asks "name? " and prints "hi " and the answer
	AskSecret  string                   // the same, hidden
	Busy       string                   // prints "busy", then loops for ever
	Stopped    string                   // name of the error when Busy was interrupted; "" where none is sent
	SelfExit   string                   // ends the process with status 3

	Set, Get Want // Set sets a variable, Get prints it: state, and its loss by restart

	Complete    Want   // cursor at the end; Text is among the matches
	Inspect     Want   // cursor at the end; Text is part of what is found
	Whole, Half string // is_complete: complete, and incomplete

	Update string // displays "first" as display id "d1", then updates it to "second"
	Clear  string // prints "before", clears with wait, prints "after"
	Comm   string // registers the target "echo": it sends back data and buffers
}

// Want is a piece of code and what must come of it.
type Want struct {
	Code, Mime, Text string
}

// Python is all that ipykernel does.
func Python() Features {
	return Features{
		Language: "python",
		Steps: func(fifo string) string {
			return fmt.Sprintf("print('one', flush=True)\nwith open(%q) as f: f.readline()\nprint('two')", fifo)
		},
		Burst: func(n int) string {
			return fmt.Sprintf("for i in range(%d): print('line', i, flush=True)", n)
		},
		Tell: func(fifo string) string {
			return fmt.Sprintf("with open(%q, 'w') as f: _ = f.write('done\\n')", fifo)
		},
		Value:     Want{Code: "6 * 7", Mime: "text/plain", Text: "42"},
		Rich:      Want{Code: pyRich + "display(Rich())", Mime: "text/html", Text: "<b>rich</b>"},
		Raise:     Want{Code: "1/0", Text: "ZeroDivisionError"},
		Stderr:    "import sys\nprint('oops', file=sys.stderr)",
		Ask:       "print('hi ' + input('name? '))",
		AskSecret: "import getpass\nprint('hi ' + getpass.getpass('name? '))",
		Busy:      "print('busy', flush=True)\nwhile True: pass",
		Stopped:   "KeyboardInterrupt",
		SelfExit:  "import os\nos._exit(3)",
		Set:       Want{Code: "treasure = 'gold'"},
		Get:       Want{Code: "print(treasure)", Text: "gold"},
		Complete:  Want{Code: "prin", Text: "print"},
		Inspect:   Want{Code: "len", Text: "number of items"},
		Whole:     "x = 1",
		Half:      "def f():",
		Update:    "display('first', display_id='d1')\ndisplay('second', display_id='d1', update=True)",
		Clear:     "from IPython.display import clear_output\nprint('before')\nclear_output(wait=True)\nprint('after')",
		Comm:      pyComm,
	}
}

const pyRich = `class Rich:
    def _repr_html_(self): return "<b>rich</b>"
    def __repr__(self): return "rich"
`

const pyComm = `def _open(comm, message):
    @comm.on_msg
    def _(m):
        comm.send(m['content']['data'], buffers=m['buffers'])
get_ipython().kernel.comm_manager.register_target('echo', _open)
`

// R is what IRkernel does.
func R() Features {
	return Features{
		Language: "R",
		Steps: func(fifo string) string {
			return fmt.Sprintf("cat('one\\n'); flush(stdout()); f <- fifo(%q, 'r', blocking=TRUE)\n"+
				"invisible(readLines(f, n=1)); close(f); cat('two\\n')", fifo)
		},
		Burst: func(n int) string {
			return fmt.Sprintf("for (i in 0:%d) { cat('line', i); cat('\\n'); flush(stdout()) }", n-1)
		},
		BurstLines: 4_000, // some 1,000 a second
		Tell: func(fifo string) string {
			return fmt.Sprintf("cat('done\\n', file=%q)", fifo)
		},
		Value:    Want{Code: "6 * 7", Mime: "text/plain", Text: "42"},
		Rich:     Want{Code: "IRdisplay::display_html('<b>rich</b>')", Mime: "text/html", Text: "<b>rich</b>"},
		Raise:    Want{Code: "stop('bad')", Text: "ERROR"},
		Stderr:   "message('oops')",
		Ask:      "cat(paste0('hi ', readline('name? '), '\\n'))",
		Busy:     "cat('busy\\n'); flush(stdout()); while (TRUE) {}",
		SelfExit: ".Internal(quit('no', 3, FALSE))", // quit() itself only asks the client to end the kernel
		Set:      Want{Code: "treasure <- 'gold'"},
		Get:      Want{Code: "cat(treasure, '\\n')", Text: "gold"},
		Complete: Want{Code: "read.cs", Text: "read.csv"},
		Inspect:  Want{Code: "mean", Text: "mean"},
		Whole:    "x <- 1",
		Half:     "f <- function() {",
	}
}

// Shell is what a bash worker does.
func Shell() Features {
	return Features{
		Language: "bash",
		Steps: func(fifo string) string {
			return fmt.Sprintf("echo one\nread -r _ < %q\necho two", fifo)
		},
		Burst: func(n int) string {
			return fmt.Sprintf("for ((i=0; i<%d; i++)); do echo line $i; done", n)
		},
		Tell: func(fifo string) string {
			return fmt.Sprintf("echo done > %q", fifo)
		},
		Stderr:   "echo oops >&2",
		Busy:     "echo busy\nwhile :; do :; done",
		SelfExit: "exit 3",
		Set:      Want{Code: "treasure=gold"},
		Get:      Want{Code: "echo $treasure", Text: "gold"},
	}
}
