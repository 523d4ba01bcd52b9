package highlight

import "strings"

// pyWords gives keywords (reference 2.3.1), constants and the built-in functions
// and types of Python 3.14.
var pyWords = words(map[Class]string{
	Keyword: "and as assert async await break class continue def del elif else except finally for from global if " +
		"import in is lambda nonlocal not or pass raise return try while with yield",
	Number: "False None True Ellipsis NotImplemented",
	Builtin: "abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile " +
		"complex delattr dict dir display divmod enumerate eval exec exit filter float format frozenset get_ipython " +
		"getattr globals hasattr hash help hex id input int isinstance issubclass iter len list locals map max " +
		"memoryview min next object oct open ord pow print property quit range repr reversed round set setattr slice " +
		"sorted staticmethod str sum super tuple type vars zip __name__ __file__ __doc__ __debug__ __import__ " +
		"BaseException Exception ArithmeticError AssertionError AttributeError EOFError FileExistsError " +
		"FileNotFoundError ImportError IndexError KeyError KeyboardInterrupt LookupError MemoryError " +
		"ModuleNotFoundError NameError NotImplementedError OSError OverflowError PermissionError RecursionError " +
		"RuntimeError StopIteration SyntaxError SystemExit TimeoutError TypeError UnicodeDecodeError ValueError " +
		"Warning ZeroDivisionError DeprecationWarning UserWarning",
})

// pySoft are keywords only where a statement starts and the line looks like one.
var pySoft = map[string]bool{"match": true, "case": true, "type": true}

// shWords gives the reserved words and common built-ins of POSIX shell and bash.
var shWords = words(map[Class]string{
	Keyword: "if then elif else fi for in do done while until case esac select function time return break continue exit",
	Builtin: "alias bg bind cd command declare dirs echo eval exec export fg getopts hash jobs kill let local mapfile " +
		"popd printf pushd pwd read readonly set shift shopt source test trap type ulimit umask unalias unset wait",
})

func words(lists map[Class]string) map[string]Class {
	m := make(map[string]Class)
	for class, list := range lists {
		for _, w := range strings.Fields(list) {
			m[w] = class
		}
	}
	return m
}
