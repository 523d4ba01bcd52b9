package highlight

import (
	"archive/zip"
	"bytes"
	_ "embed" // the lexers
	"io/fs"
	"regexp"
	"strings"
	"sync"

	"github.com/alecthomas/chroma/v2"
)

// archive holds chroma's lexer definitions and an index of their names. Chroma's
// own package of lexers reads all of them when a process starts, which costs 8 ms
// whether or not anything is drawn; here one is read when it is first wanted.
//
//go:embed lexers/lexers.zip
var archive []byte

// shelf hands out chroma's lexers. Lexers on it never change, so there is one for
// the process.
type shelf struct {
	mu       sync.Mutex
	files    *zip.Reader
	index    map[string]string // name in lower case to file
	registry *chroma.LexerRegistry
	read     map[string]chroma.Lexer // by file; nil for one that is being read or cannot be
}

// lexers opens the shelf the first time.
var lexers = sync.OnceValue(func() *shelf {
	s := &shelf{index: map[string]string{}, registry: chroma.NewLexerRegistry(), read: map[string]chroma.Lexer{}}
	files, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return s
	}
	s.files = files
	index, err := fs.ReadFile(files, "index")
	if err != nil {
		return s
	}
	for line := range strings.Lines(string(index)) {
		name, file, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		s.index[name] = file
	}
	return s
})

// lexer gives the lexer of a language, nil when none is known.
func (s *shelf) lexer(language string) chroma.Lexer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if language == "go" || language == "golang" { // chroma writes this one in Go
		return s.keep("go", func() (chroma.Lexer, error) {
			return chroma.NewLexer(&chroma.Config{Name: "Go", Aliases: []string{"go"}}, goRules)
		})
	}
	file, ok := s.index[language]
	if !ok {
		return nil
	}
	return s.load(file)
}

// keep makes a lexer once.
func (s *shelf) keep(file string, makeIt func() (chroma.Lexer, error)) chroma.Lexer {
	if l, ok := s.read[file]; ok {
		return l
	}
	s.read[file] = nil
	l, err := makeIt()
	if err != nil {
		return nil
	}
	s.registry.Register(l)
	s.read[file] = l
	return l
}

// other finds the lexers that a lexer hands parts of its text to.
var other = regexp.MustCompile(`<using lexer="([^"]+)"`)

func (s *shelf) load(file string) chroma.Lexer {
	return s.keep(file, func() (chroma.Lexer, error) {
		text, err := fs.ReadFile(s.files, file)
		if err != nil {
			return nil, err
		}
		for _, m := range other.FindAllSubmatch(text, -1) {
			if file, ok := s.index[strings.ToLower(string(m[1]))]; ok {
				s.load(file)
			}
		}
		return chroma.NewXMLLexer(s.files, file)
	})
}

// goRules is enough of Go for colours.
func goRules() chroma.Rules {
	return chroma.Rules{"root": {
		{Pattern: `\s+`, Type: chroma.Text},
		{Pattern: `//[^\n]*`, Type: chroma.Comment},
		{Pattern: `(?s)/\*.*?\*/`, Type: chroma.Comment},
		{Pattern: "`[^`]*`", Type: chroma.LiteralString},
		{Pattern: `"(\\.|[^"\\\n])*"?`, Type: chroma.LiteralString},
		{Pattern: `'(\\.[^'\n]*|[^'\\\n])'`, Type: chroma.LiteralStringChar},
		{Pattern: `(func)(\s+)([A-Za-z_]\w*)`, Type: chroma.ByGroups(chroma.Keyword, chroma.Text, chroma.NameFunction)},
		{Pattern: chroma.Words(`\b`, `\b`, "break", "case", "chan", "const", "continue", "default", "defer", "else", "fallthrough", "for", "func", "go", "goto",
			"if", "import", "interface", "map", "package", "range", "return", "select", "struct", "switch", "type", "var"), Type: chroma.Keyword},
		{Pattern: `\b(true|false|nil|iota)\b`, Type: chroma.KeywordConstant},
		{Pattern: chroma.Words(`\b`, `\b`, "any", "bool", "byte", "comparable", "complex64", "complex128", "error", "float32", "float64", "int", "int8", "int16",
			"int32", "int64", "rune", "string", "uint", "uint8", "uint16", "uint32", "uint64", "uintptr"), Type: chroma.KeywordType},
		{Pattern: chroma.Words(`\b`, `(?=\()`, "append", "cap", "clear", "close", "complex", "copy", "delete", "imag", "len", "make", "max", "min", "new", "panic",
			"print", "println", "real", "recover"), Type: chroma.NameBuiltin},
		{Pattern: `0[xXbBoO][0-9a-fA-F_]+|(\d[\d_]*)?\.?\d[\d_]*([eE][-+]?\d+)?i?`, Type: chroma.LiteralNumber},
		{Pattern: `[A-Za-z_]\w*`, Type: chroma.Name},
		{Pattern: `[-+*/%&|^<>=!:]+|\.\.\.`, Type: chroma.Operator},
		{Pattern: `.`, Type: chroma.Punctuation},
	}}
}
