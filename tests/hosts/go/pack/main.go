// Packs the Go host as a module proxy in a directory: pack SOURCE OUT. A program fetches it with
// GOPROXY=file://OUT, without a server.
package main

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	module  = "interdict.example/interdict"
	version = "v0.2.0"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "pack SOURCE OUT")
		os.Exit(2)
	}
	if err := pack(os.Args[1], filepath.Join(os.Args[2], module, "@v")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// pack writes the four files of a version that the go command asks a proxy for.
func pack(source, out string) error {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	requirements, err := os.ReadFile(filepath.Join(source, "go.mod"))
	if err != nil {
		return err
	}
	info, err := json.Marshal(map[string]any{"Version": version, "Time": time.Unix(1_793_599_200, 0).UTC()})
	if err != nil {
		return err
	}
	files := map[string][]byte{"list": []byte(version + "\n"), version + ".mod": requirements, version + ".info": info}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(out, name), content, 0o644); err != nil {
			return err
		}
	}
	archive, err := os.Create(filepath.Join(out, version+".zip"))
	if err != nil {
		return err
	}
	if err := zipped(source, archive); err != nil {
		return err
	}
	return archive.Close()
}

// zipped writes the module's files but its tests, which need the repository around them.
func zipped(source string, out io.Writer) error {
	entries, err := os.ReadDir(source)
	if err != nil {
		return err
	}
	writer := zip.NewWriter(out)
	for _, entry := range entries {
		if entry.IsDir() || strings.HasPrefix(entry.Name(), ".") || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		content, err := os.ReadFile(filepath.Join(source, entry.Name()))
		if err != nil {
			return err
		}
		file, err := writer.Create(module + "@" + version + "/" + entry.Name())
		if err != nil {
			return err
		}
		if _, err := file.Write(content); err != nil {
			return err
		}
	}
	return writer.Close()
}
