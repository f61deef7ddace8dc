package interdict

import (
	"encoding/binary"
	"slices"
	"testing"
)

// wasmSection is one section of a module, for tests that change a module.
type wasmSection struct {
	kind    byte
	content []byte
}

func sectionsOf(t *testing.T, code []byte) []wasmSection {
	t.Helper()
	reader := wasmReader{bytes: code[8:]}
	var sections []wasmSection
	for len(reader.bytes) > 0 {
		kind := reader.byte()
		sections = append(sections, wasmSection{kind, slices.Clone(reader.take(reader.number()))})
	}
	if reader.failed {
		t.Fatal("the module is cut")
	}
	return sections
}

func written(sections []wasmSection) []byte {
	code := []byte("\x00asm\x01\x00\x00\x00")
	for _, section := range sections {
		code = append(code, section.kind)
		code = binary.AppendUvarint(code, uint64(len(section.content)))
		code = append(code, section.content...)
	}
	return code
}

func section(t *testing.T, sections []wasmSection, kind byte) *wasmSection {
	t.Helper()
	for place := range sections {
		if sections[place].kind == kind {
			return &sections[place]
		}
	}
	t.Fatalf("the module has no section %d", kind)
	return nil
}

type wasmExport struct {
	name  string
	kind  byte
	index uint64
}

// exporting is the built-in module with other exports.
func exporting(t *testing.T, change func([]wasmExport) []wasmExport) []byte {
	t.Helper()
	sections := sectionsOf(t, builtIn)
	exports := section(t, sections, sectionExport)
	reader := wasmReader{bytes: exports.content}
	var all []wasmExport
	for count := reader.number(); count > 0; count-- {
		name := string(reader.take(reader.number()))
		all = append(all, wasmExport{name, reader.byte(), reader.number()})
	}
	all = change(all)
	content := binary.AppendUvarint(nil, uint64(len(all)))
	for _, one := range all {
		content = binary.AppendUvarint(content, uint64(len(one.name)))
		content = append(append(content, one.name...), one.kind)
		content = binary.AppendUvarint(content, one.index)
	}
	exports.content = content
	return written(sections)
}

func without(names ...string) func([]wasmExport) []wasmExport {
	return func(all []wasmExport) []wasmExport {
		return slices.DeleteFunc(all, func(one wasmExport) bool { return slices.Contains(names, one.name) })
	}
}

// renamed exports what one name stands for under another name too.
func renamed(name, as string) func([]wasmExport) []wasmExport {
	return func(all []wasmExport) []wasmExport {
		for _, one := range all {
			if one.name == name {
				one.name = as
				return append(all, one)
			}
		}
		return all
	}
}

// appended adds one entry to a section that begins with their number.
func (s *wasmSection) appended(entry []byte) (index uint64) {
	reader := wasmReader{bytes: s.content}
	count := reader.number()
	s.content = append(append(binary.AppendUvarint(nil, count+1), reader.bytes...), entry...)
	return count
}

const (
	sectionFunction = 3
	sectionMemory   = 5
	sectionCode     = 10
)

// trapping is the built-in module, except that a message to screen that begins with "!" traps.
func trapping(t *testing.T) []byte {
	t.Helper()
	var added uint64
	code := exporting(t, func(all []wasmExport) []wasmExport {
		sections := sectionsOf(t, builtIn)
		reader := wasmReader{bytes: section(t, sections, sectionFunction).content}
		added = reader.number()
		for place := range all {
			if all[place].name == "interdict_screen" {
				all = append(all, wasmExport{"interdict_old", 0, all[place].index})
				all[place].index = added
				return all
			}
		}
		return all
	})
	sections := sectionsOf(t, code)
	exports, _ := readLayoutIndices(code)
	functions := section(t, sections, sectionFunction)
	reader := wasmReader{bytes: functions.content}
	reader.number()
	var kind uint64
	for index := uint64(0); index <= exports["interdict_old"]; index++ {
		kind = reader.number()
	}
	functions.appended(binary.AppendUvarint(nil, kind))
	// if in[0] == '!' then unreachable; screen(in, in_len, now, out, out_cap)
	body := []byte{0, 0x20, 0, 0x2d, 0, 0, 0x41, '!', 0x46, 0x04, 0x40, 0x00, 0x0b, 0x20, 0, 0x20, 1, 0x20, 2, 0x20, 3, 0x20, 4, 0x10}
	body = append(binary.AppendUvarint(body, exports["interdict_old"]), 0x0b)
	section(t, sections, sectionCode).appended(append(binary.AppendUvarint(nil, uint64(len(body))), body...))
	return written(sections)
}

func readLayoutIndices(code []byte) (map[string]uint64, bool) {
	indices := map[string]uint64{}
	reader := wasmReader{bytes: code[8:]}
	for len(reader.bytes) > 0 {
		kind, content := reader.byte(), wasmReader{bytes: reader.take(reader.number())}
		if kind != sectionExport {
			continue
		}
		for count := content.number(); count > 0; count-- {
			name := string(content.take(content.number()))
			content.byte()
			indices[name] = content.number()
		}
	}
	return indices, !reader.failed
}
