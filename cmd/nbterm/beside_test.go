package main

import (
	"image"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"nbterm/render"
)

func TestMarkdownShowsPicturesOfItsFolderOnly(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	dir := filepath.Join(top, "nb")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{filepath.Join(dir, "in side.png"), filepath.Join(top, "above.png")} {
		f, err := os.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, image.NewGray(image.Rect(0, 0, 20, 20))); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	if err := unix.Mkfifo(filepath.Join(dir, "pipe.png"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../above.png", filepath.Join(dir, "link.png")); err != nil {
		t.Fatal(err)
	}
	files := beside(place{kind: kindLocal, url: filepath.Join(dir, "a.ipynb")})
	for src, drawn := range map[string]bool{
		"in%20side.png": true, "./in%20side.png": true, "../above.png": false, "link.png": false, "pipe.png": false, "none.png": false, filepath.Join(top, "above.png"): false,
		"https://example.org/a.png": false,
	} {
		b := render.Markdown("![alt]("+src+")", render.Context{Width: 40, Palette: render.PlainPalette(), Files: files, Caps: render.Caps{Colors: render.TrueColor}})
		if named := strings.Contains(strings.Join(b.Lines, ""), "[image: alt]"); named == drawn {
			t.Errorf("%s: drawn %v, want %v", src, !named, drawn)
		}
	}
	if _, err := fs.Stat(files, "in side.png"); err != nil || files != beside(place{kind: kindLocal, url: filepath.Join(dir, "b.ipynb")}) {
		t.Errorf("folders of the same notebook differ, or %v", err)
	}
	if beside(place{kind: kindS3, url: "s3://b/a.ipynb"}) != nil {
		t.Error("a bucket is no folder")
	}
}
