package interdict

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const tooLarge = "the file is larger than it can be"

// repository is where a coalition's files come from: a web server, or a directory such as a mounted disk. It
// needs no trust, because the module verifies every byte; what is bounded here is how much it may send and how
// long it may take.
type repository struct {
	server    *server
	directory string
}

// openRepository finds what an enrolment names: a URL, or a path that begins beside the state directory.
func (g *Gateway) openRepository(one *coalition) (*repository, error) {
	location := one.enrolment.Repository
	if rest, isFile := strings.CutPrefix(location, "file:"); isFile {
		if path, isLocal := strings.CutPrefix(rest, "//localhost/"); isLocal {
			rest = "/" + path
		}
		location = strings.TrimPrefix(rest, "//")
	} else if strings.Contains(location, "://") {
		allowed := g.options.AllowPrivate
		isAllowed := slices.Contains(allowed, one.shelf.name) || slices.Contains(allowed, "*")
		server, err := openServer(location, isAllowed, g.options.Patience)
		return &repository{server: server}, err
	}
	if !filepath.IsAbs(location) {
		state, err := filepath.Abs(g.loader.store.path)
		if err != nil {
			return nil, failure(KindInvalid, "the repository's path has no beginning")
		}
		location = filepath.Join(filepath.Dir(state), location)
	}
	return &repository{directory: location}, nil
}

func (r *repository) close() {
	if r.server != nil {
		r.server.close()
	}
}

// bring fetches a file. Of a target it asks for the gzip copy beside it first; whatever is wrong with that, it
// asks for the file itself.
func (r *repository) bring(ctx context.Context, file *fetch) brought {
	if !isBelowBase(file.Path) {
		return failed("the module asks for a path outside the repository")
	}
	most := min(file.MaxSize, maxFile)
	if !file.isMetadata() {
		if copied := r.bringForm(ctx, file.Path+".gz", packed{most}); copied.bytes != nil {
			return copied
		}
	}
	return r.bringForm(ctx, file.Path, plain{most})
}

func (r *repository) bringForm(ctx context.Context, path string, form form) brought {
	if err := ctx.Err(); err != nil {
		return failed(whyOver(err))
	}
	if r.server != nil {
		return r.server.bring(ctx, path, form)
	}
	return bringFile(r.directory, path, form)
}

func whyOver(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "the repository took longer than a refresh may"
	}
	return "the refresh was given up"
}

// form is how a file is sent: as it is, or packed. Either reads no more than it must.
type form interface {
	// most is how many bytes may be sent.
	most() int64
	read(source io.Reader) brought
}

type plain struct{ size int64 }

type packed struct{ size int64 }

func (p plain) most() int64 { return p.size }

// most: deflate stores what it cannot compress with five bytes in front of each block of at least 8 KiB
// (RFC 1951, 3.2.4); the rest is for the header.
func (p packed) most() int64 { return p.size + p.size>>10 + 1024 }

func (p plain) read(source io.Reader) brought {
	bytes, err := io.ReadAll(io.LimitReader(source, p.size+1))
	switch {
	case err != nil:
		return failed(cause(err))
	case int64(len(bytes)) > p.size:
		return failed(tooLarge)
	}
	return brought{bytes: bytes}
}

func (p packed) read(source io.Reader) brought {
	unpacked, err := gzip.NewReader(io.LimitReader(source, p.most()))
	if err != nil {
		return failed("the gzip copy is damaged")
	}
	return plain(p).read(unpacked)
}

// bringFile reads a file below a directory. Without the directory no file counts as missing: a disk that is
// not mounted does not say which root is the newest.
func bringFile(directory, path string, form form) brought {
	base, err := filepath.EvalSymlinks(directory)
	if err != nil {
		return failed("the repository's directory cannot be read")
	}
	place, err := filepath.EvalSymlinks(filepath.Join(base, filepath.FromSlash(path)))
	if errors.Is(err, fs.ErrNotExist) {
		return brought{}
	}
	if err != nil || !strings.HasPrefix(place, strings.TrimSuffix(base, string(filepath.Separator))+string(filepath.Separator)) {
		return failed("not a file within the repository")
	}
	file, err := openRegular(place, os.O_RDONLY)
	if err != nil {
		return failed("not a file within the repository")
	}
	defer func() { _ = file.Close() }()
	return form.read(file)
}

// version is this package's, which repositories see as part of the user agent.
const version = "0.2.0"
