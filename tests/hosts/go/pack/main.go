// Packs the Go host as a module proxy in a directory: pack SOURCE OUT SECONDS. A program fetches it with
// GOPROXY=file://OUT, without a server. The archive is the one that a proxy makes of the host's tag; SECONDS since 1970
// are the release's time.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// The host tells servers its version.
var stated = regexp.MustCompile(`(?m)^const version = "([^"]+)"$`)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "pack SOURCE OUT SECONDS")
		os.Exit(2)
	}
	if err := pack(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// pack writes the four files of a version that the go command asks a proxy for.
func pack(source, out, seconds string) error {
	released, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return err
	}
	requirements, err := os.ReadFile(filepath.Join(source, "go.mod"))
	if err != nil {
		return err
	}
	packed, err := versionOf(source, requirements)
	if err != nil {
		return err
	}
	info, err := json.Marshal(map[string]any{"Version": packed.Version, "Time": time.Unix(released, 0).UTC()})
	if err != nil {
		return err
	}
	folder := filepath.Join(out, packed.Path, "@v")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	files := map[string][]byte{
		"list": []byte(packed.Version + "\n"), packed.Version + ".mod": requirements, packed.Version + ".info": info,
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o644); err != nil {
			return err
		}
	}
	archive, err := os.Create(filepath.Join(folder, packed.Version+".zip"))
	if err != nil {
		return err
	}
	if err := zip.CreateFromDir(archive, packed, source); err != nil {
		return err
	}
	return archive.Close()
}

// versionOf reads the module's path and version from its files.
func versionOf(source string, requirements []byte) (module.Version, error) {
	text, err := os.ReadFile(filepath.Join(source, "repository.go"))
	if err != nil {
		return module.Version{}, err
	}
	found := stated.FindSubmatch(text)
	if found == nil {
		return module.Version{}, fmt.Errorf("%s/repository.go states no version", source)
	}
	return module.Version{Path: modfile.ModulePath(requirements), Version: "v" + string(found[1])}, nil
}
