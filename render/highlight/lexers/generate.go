//go:build ignore

// This program gathers chroma's lexer definitions, which are data in XML, into
// lexers.zip with an index of their names. Run it after chroma was upgraded:
//
//	go run ./render/highlight/lexers/generate.go
package main

import (
	"archive/zip"
	"compress/flate"
	"encoding/xml"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

func main() {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/alecthomas/chroma/v2").Output()
	if err != nil {
		log.Fatal(err)
	}
	root := strings.TrimSpace(string(dir))
	files, err := filepath.Glob(filepath.Join(root, "lexers", "embedded", "*.xml"))
	if err != nil || len(files) == 0 {
		log.Fatal("no lexers found: ", err)
	}
	out, err := os.Create("render/highlight/lexers/lexers.zip")
	if err != nil {
		log.Fatal(err)
	}
	z := zip.NewWriter(out)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	var index []string
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			log.Fatal(err)
		}
		var lexer struct {
			Config struct {
				Name    string   `xml:"name"`
				Aliases []string `xml:"alias"`
			} `xml:"config"`
		}
		if err := xml.Unmarshal(data, &lexer); err != nil {
			log.Fatal(file, err)
		}
		base := filepath.Base(file)
		for _, name := range append(lexer.Config.Aliases, lexer.Config.Name) {
			index = append(index, strings.ToLower(name)+"\t"+base)
		}
		add(z, base, data)
	}
	sort.Strings(index)
	add(z, "index", []byte(strings.Join(index, "\n")))
	licence, err := os.ReadFile(filepath.Join(root, "COPYING"))
	if err != nil {
		log.Fatal(err)
	}
	add(z, "COPYING", licence)
	if err := z.Close(); err != nil {
		log.Fatal(err)
	}
	if err := out.Close(); err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(files), "lexers")
}

func add(z *zip.Writer, name string, data []byte) {
	w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
	if err == nil {
		_, err = w.Write(data)
	}
	if err != nil {
		log.Fatal(err)
	}
}
