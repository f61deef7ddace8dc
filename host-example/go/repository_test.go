package interdict

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestPathsThatClimbAreNeverAskedFor(t *testing.T) {
	for _, path := range []string{"metadata/2.root.json", "targets/se/0a.merchants.member-1.filter", "metadata/7...%2Fa~b%20%C3%A5.json"} {
		if !isBelowBase(path) {
			t.Error(path)
		}
	}
	for _, path := range []string{
		"", "/etc/passwd", "../x", "a/../b", "a//b", "a/%2e%2e/b", "a/%2E%2E%2Fb", "a%2f", "a%2", "a%+2", "a%", "a b",
		"a?b", `a\b`, "a/.b", "a#b", "a/" + strings.Repeat("b", 1000),
	} {
		if isBelowBase(path) {
			t.Error(path)
		}
	}
}

func TestEveryAddressOfThisMachineAndItsNetworksIsPrivate(t *testing.T) {
	for _, host := range []string{
		"localhost", "LOCALHOST.", "a.localhost", "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1",
		"172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "198.18.0.1", "192.0.0.8", "224.0.0.1",
		"255.255.255.255", "[::1]", "[::]", "[fe80::1]", "[fe80::1%25eth0]", "[fec0::1]", "[fc00::1]", "[fd12::1]", "[ff02::1]",
		"[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[::10.0.0.1]", "[64:ff9b::a00:1]", "[64:ff9b:1::1]", "[2002:a00:1::1]",
	} {
		if !isPrivateHost(strings.Replace(host, "%25", "%", 1)) {
			t.Error(host)
		}
	}
	for _, host := range []string{
		"lists.example", "localhost.example", "1.1.1.1", "172.32.0.1", "100.128.0.1", "198.20.0.1",
		"[2606:4700:4700::1111]", "[::ffff:1.1.1.1]", "[64:ff9b::101:101]", "[2002:101:101::1]",
	} {
		if isPrivateHost(host) {
			t.Error(host)
		}
	}
	if !isPrivate(netip.Addr{}) {
		t.Error("no address is a public one")
	}
}

func TestAnAddressIsJudgedAfterItsNameWasResolved(t *testing.T) {
	listening, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer func() { _ = listening.Close() }()
	dialer := net.Dialer{Control: publicOnly}
	_, err = dialer.Dial("tcp", listening.Addr().String())
	if err == nil || cause(&url.Error{Op: "Get", URL: "http://bank:word@x", Err: err}) != privateRefused {
		t.Errorf("%v", err)
	}
}

// serverOf is a client of a test's server, with short waits.
func serverOf(t *testing.T, handler http.HandlerFunc) *server {
	t.Helper()
	testing := httptest.NewServer(handler)
	t.Cleanup(testing.Close)
	second := time.Second
	made, err := openServer(strings.Replace(testing.URL, "//", "//bank:word@", 1)+"/base/", true,
		Patience{second, second / 4, second / 2, second})
	must(t, err)
	t.Cleanup(made.close)
	return made
}

func bringing(t *testing.T, form form, handler http.HandlerFunc) brought {
	t.Helper()
	return serverOf(t, handler).bring(context.Background(), "metadata/timestamp.json", form)
}

func TestAServersAnswersAreWhatTheyAre(t *testing.T) {
	redirect := func(location string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/base/") {
				w.Header().Set("Location", location)
				w.WriteHeader(http.StatusFound)
				return
			}
			_, _ = io.WriteString(w, r.URL.Path)
		}
	}
	status := func(number int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(number); _, _ = io.WriteString(w, "words") }
	}
	answers := map[string]struct {
		handler http.HandlerFunc
		bytes   string
		why     string
	}{
		"a file": {func(w http.ResponseWriter, r *http.Request) {
			user, password, _ := r.BasicAuth()
			_, _ = fmt.Fprint(w, user, password, r.Header.Get("User-Agent"), r.Header.Get("Cookie"), r.URL.Path)
		}, "bankwordinterdict-go/" + version + "/base/metadata/timestamp.json", ""},
		"200 without a body":     {func(http.ResponseWriter, *http.Request) {}, "", ""},
		"404":                    {status(404), "", "-"},
		"410":                    {status(410), "", "-"},
		"403":                    {status(403), "", "403"},
		"204":                    {status(204), "", "204"},
		"206":                    {status(206), "", "206"},
		"500":                    {status(500), "", "500"},
		"304":                    {status(304), "", "304"},
		"a redirect within":      {redirect("/moved"), "/moved", ""},
		"one that is relative":   {redirect("../../moved"), "/moved", ""},
		"one to another scheme":  {redirect("https://127.0.0.1/moved"), "", "redirected elsewhere"},
		"one to another host":    {redirect("http://localhost/moved"), "", "redirected elsewhere"},
		"one without a scheme":   {redirect("//127.0.0.2/moved"), "", "redirected elsewhere"},
		"one to a file":          {redirect("file:///etc/passwd"), "", "redirected elsewhere"},
		"one without a location": {redirect(""), "", "redirected elsewhere"},
		"one in a circle":        {redirect("/base/again"), "", "too many redirects"},
		"too long":               {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1001)) }, "", tooLarge},
		"too long, unannounced": {func(w http.ResponseWriter, _ *http.Request) {
			for range 100 {
				_, _ = w.Write(make([]byte, 100))
				w.(http.Flusher).Flush()
			}
		}, "", tooLarge},
		"cut": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "half")
		}, "", "ended early"},
		"silence": {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "", "too slow"},
		"a drip": {func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				_, _ = io.WriteString(w, "x")
				w.(http.Flusher).Flush()
				time.Sleep(20 * time.Millisecond)
			}
		}, "", "too slow"},
		"what is packed again stays packed": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write([]byte("not unpacked"))
		}, "not unpacked", ""},
		"an endless header": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Long", strings.Repeat("x", 2*maxHeader))
		}, "", "not understood"},
	}
	for about, one := range answers {
		t.Run(about, func(t *testing.T) {
			t.Parallel()
			got := bringing(t, plain{1000}, one.handler)
			switch {
			case one.why == "-":
				if got.outcome() != "not_found" {
					t.Errorf("%+v", got)
				}
			case one.why != "":
				if got.outcome() != "failed" || !strings.Contains(got.why, one.why) {
					t.Errorf("%+v", got)
				}
			case got.outcome() != "bytes" || string(got.bytes) != one.bytes:
				t.Errorf("%s: %q, %s", got.outcome(), got.bytes, got.why)
			}
			if strings.Contains(got.why, "word@") || strings.Contains(got.why, "127.0.0.1") {
				t.Errorf("the reason tells the address: %s", got.why)
			}
		})
	}
}

func gzipped(content []byte) []byte {
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	_, _ = writer.Write(content)
	_ = writer.Close()
	return packed.Bytes()
}

// counted counts what is read.
type counted struct {
	source io.Reader
	count  int
}

func (c *counted) Read(buffer []byte) (int, error) {
	count, err := c.source.Read(buffer)
	c.count += count
	return count, err
}

func TestADecompressionBombIsUnpackedNoFurtherThanTheSignedLength(t *testing.T) {
	bomb := &counted{source: bytes.NewReader(gzipped(make([]byte, 1<<27)))}
	if got := (packed{1 << 20}).read(bomb); got.why != tooLarge || bomb.count > 1<<16 {
		t.Errorf("%s after %d bytes", got.why, bomb.count)
	}
	exact := gzipped(bytes.Repeat([]byte("m"), 1000))
	if got := (packed{1000}).read(bytes.NewReader(exact)); len(got.bytes) != 1000 {
		t.Error(got.why)
	}
	if got := (packed{999}).read(bytes.NewReader(exact)); got.why != tooLarge {
		t.Error(got.outcome())
	}
	for at := range exact {
		if got := (packed{1000}).read(bytes.NewReader(exact[:at])); got.outcome() != "failed" {
			t.Errorf("cut at %d: %s", at, got.outcome())
		}
	}
}

func TestWhateverIsWrongWithACopyTheFileItselfIsAskedFor(t *testing.T) {
	content := []byte("merchants")
	damaged := gzipped(content)
	damaged[len(damaged)-6] ^= 1
	for about, copied := range map[string][]byte{
		"whole": gzipped(content), "damaged": damaged, "cut": damaged[:5], "too long": gzipped(make([]byte, 100)), "none": nil,
	} {
		asked := ""
		source := &repository{server: serverOf(t, func(w http.ResponseWriter, r *http.Request) {
			asked += filepath.Ext(r.URL.Path)
			switch {
			case !strings.HasSuffix(r.URL.Path, ".gz"):
				_, _ = w.Write(content)
			case copied == nil:
				w.WriteHeader(404)
			default:
				_, _ = w.Write(copied)
			}
		})}
		got := source.bring(context.Background(), &fetch{Path: "targets/se/x.filter", MaxSize: 9})
		if !bytes.Equal(got.bytes, content) || (about == "whole") != (asked == ".gz") {
			t.Errorf("%s: %q %s, asked for %s", about, got.bytes, got.why, asked)
		}
	}
}

func TestADirectoryGivesItsOwnFilesAlone(t *testing.T) {
	base, outside := t.TempDir(), t.TempDir()
	must(t, os.Mkdir(filepath.Join(base, "metadata"), 0o700))
	writeTo(t, filepath.Join(base, "metadata", "1.root.json"), "root")
	writeTo(t, filepath.Join(outside, "secret"), "secret")
	must(t, os.Symlink(filepath.Join(outside, "secret"), filepath.Join(base, "metadata", "link")))
	ask := func(directory, path string, size int64) brought {
		return (&repository{directory: directory}).bring(context.Background(), &fetch{Path: path, MaxSize: size})
	}
	if got := ask(base, "metadata/1.root.json", 4); string(got.bytes) != "root" {
		t.Error(got.why)
	}
	for path, outcome := range map[string]string{
		"metadata/2.root.json": "not_found", "metadata/link": "failed", "metadata": "failed", "../x": "failed",
	} {
		if got := ask(base, path, 100); got.outcome() != outcome {
			t.Errorf("%s: %s", path, got.outcome())
		}
	}
	if got := ask(base, "metadata/1.root.json", 3); got.why != tooLarge {
		t.Error("a file that is too long is given")
	}
	if got := ask(filepath.Join(base, "unplugged"), "metadata/2.root.json", 9); got.outcome() != "failed" {
		t.Error("a disk that is not there has no newer root")
	}
}

func TestALocationIsAPathOrAWebAddress(t *testing.T) {
	for _, location := range []string{"ftp://lists.example", "https://", "http://lists.example?x", "https://lists.example/#x", "https://%zz"} {
		if _, err := openServer(location, false, Patience{}); KindOf(err) != KindInvalid {
			t.Errorf("%s: %v", location, err)
		}
	}
	_, err := openServer("http://[::1]:80/se", false, Patience{})
	if KindOf(err) != KindInvalid || err.Error() != privateRefused {
		t.Error(err)
	}
}
