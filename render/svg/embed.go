package svg

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gobolditalic"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/gofont/goregular"
)

//go:generate sh resvg/fetch.sh

// resvg/README.md says where it comes from and under which licence.
//
//go:embed resvg/resvg.wasm.gz
var compressed []byte

// wasmSum is the SHA-256 of the wasm as it was published.
const wasmSum = "22bf6e9f9a100d972da0411a69c5ba504367fc1fa87b3b64e3f35e53926d2d70"

func unpack() ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		return nil, fmt.Errorf("unpack resvg: %w", err)
	}
	wasm, err := io.ReadAll(z)
	if err != nil {
		return nil, fmt.Errorf("unpack resvg: %w", err)
	}
	return wasm, nil
}

// fonts are all that text in a drawing is set in, whatever it asks for: those of the
// machine are not looked at, so that a drawing is the same everywhere.
func fonts() []any {
	return []any{goregular.TTF, gobold.TTF, goitalic.TTF, gobolditalic.TTF, gomono.TTF, gomonobold.TTF}
}

// options are resvg's, of which the size is left open.
const options = `{"fitTo":%s,"shapeRendering":2,"textRendering":1,"imageRendering":0,"font":{"loadSystemFonts":false,` +
	`"defaultFontFamily":"Go","sansSerifFamily":"Go","serifFamily":"Go","cursiveFamily":"Go","fantasyFamily":"Go","monospaceFamily":"Go Mono"}}`
