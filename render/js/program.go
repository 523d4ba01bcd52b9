package js

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"

	"modernc.org/quickjs"
)

// Program is what a machine runs.
type Program struct {
	Source func() (string, error)
	// Cache is a folder of ours where the compiled program is kept, since compiling
	// takes most of the time of starting; "" keeps none. Key tells the
	// versions of a program apart; only the last is kept.
	Cache, Key string
	Name       string // of the program, in the name of that file
}

// engine is the version of the module whose bytecode is kept; other versions have
// other bytecode.
const engine = "quickjs-0.27.0"

// load runs the program in a new machine.
func (p Program) load(vm *quickjs.VM) error {
	if code, ok := p.kept(); ok {
		_, err := vm.EvalBytecode(code)
		return err
	}
	source, err := p.Source()
	if err != nil {
		return fmt.Errorf("read its source: %w", err)
	}
	if p.Cache == "" {
		_, err := vm.Eval(source, quickjs.EvalGlobal)
		return err
	}
	code, err := vm.Compile(source, quickjs.EvalGlobal)
	if err != nil {
		return err
	}
	p.keep(code)
	_, err = vm.EvalBytecode(code)
	return err
}

func (p Program) path() string {
	return filepath.Join(p.Cache, p.Name+fmt.Sprintf("-%x.qjs", sha256.Sum256([]byte(engine+"\x00"+p.Key))))
}

// kept reads the compiled program. Its sum stands before it: a file that was cut
// short must not reach the engine.
func (p Program) kept() ([]byte, bool) {
	if p.Cache == "" {
		return nil, false
	}
	data, err := os.ReadFile(p.path())
	if err != nil || len(data) < sha256.Size {
		return nil, false
	}
	code := data[sha256.Size:]
	sum := sha256.Sum256(code)
	return code, bytes.Equal(sum[:], data[:sha256.Size])
}

// keep writes the compiled program. A folder that cannot be written to only means
// that the next process compiles again.
func (p Program) keep(code []byte) {
	if os.MkdirAll(p.Cache, 0o700) != nil {
		return
	}
	f, err := os.CreateTemp(p.Cache, ".qjs*")
	if err != nil {
		return
	}
	sum := sha256.Sum256(code)
	_, err = f.Write(append(sum[:], code...))
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), p.path())
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return
	}
	others, err := filepath.Glob(filepath.Join(p.Cache, p.Name+"-*.qjs"))
	if err != nil {
		return
	}
	for _, old := range others { // what earlier versions left
		if old != p.path() {
			_ = os.Remove(old)
		}
	}
}
