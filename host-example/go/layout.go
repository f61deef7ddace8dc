package interdict

import "encoding/binary"

// The file of a module, as far as it must be read before anything of it runs: the runtime does not show
// imported or exported globals and tables.

const (
	sectionImport = 2
	sectionExport = 7
	sectionStart  = 8
)

// What an export is, in the words of the WebAssembly specification's table of kinds.
const (
	exportFunction = 0
	exportMemory   = 2
	exportGlobal   = 3
)

// layout is what a module's file imports and exports.
type layout struct {
	imports  uint64
	hasStart bool
	exports  map[string]byte
}

// wasmReader reads a module's file. Once it failed, everything it gives is zero.
type wasmReader struct {
	bytes  []byte
	failed bool
}

func (r *wasmReader) number() uint64 {
	value, length := binary.Uvarint(r.bytes)
	if length <= 0 {
		r.failed, r.bytes = true, nil
		return 0
	}
	r.bytes = r.bytes[length:]
	return value
}

func (r *wasmReader) take(length uint64) []byte {
	if length > uint64(len(r.bytes)) {
		r.failed, r.bytes = true, nil
		return nil
	}
	taken := r.bytes[:length]
	r.bytes = r.bytes[length:]
	return taken
}

func (r *wasmReader) byte() byte {
	if one := r.take(1); one != nil {
		return one[0]
	}
	return 0
}

// readLayout reads the sections of a module; false if the file is cut or is none.
func readLayout(code []byte) (layout, bool) {
	found := layout{exports: map[string]byte{}}
	reader := wasmReader{bytes: code}
	if string(reader.take(8)) != "\x00asm\x01\x00\x00\x00" {
		return found, false
	}
	for len(reader.bytes) > 0 && !reader.failed {
		kind := reader.byte()
		section := wasmReader{bytes: reader.take(reader.number())}
		switch kind {
		case sectionImport:
			found.imports = section.number()
		case sectionStart:
			found.hasStart = true
		case sectionExport:
			for count := section.number(); count > 0 && !section.failed; count-- {
				name := string(section.take(section.number()))
				found.exports[name] = section.byte()
				section.number()
			}
		}
		reader.failed = reader.failed || section.failed
	}
	return found, !reader.failed
}
