package editor

// lexerFor gives the lexer of a language; nil when there is none.
func lexerFor(language string) lexer { return nil }
