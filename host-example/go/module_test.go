package interdict

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func newModule(code []byte) error {
	module, err := NewModule(context.Background(), code, ModuleOptions{Interpreter: true})
	if err == nil {
		module.Close()
	}
	return err
}

func TestTheBuiltInModuleIsTheOneOfTheRepository(t *testing.T) {
	committed := readFixture(t, "../wasm/dist/interdict.wasm.sha256")
	if digest, _, _ := strings.Cut(committed, " "); digest != builtInFor(t).SHA256() {
		t.Fatalf("copy wasm/dist/interdict.wasm here: %s is packed", builtInFor(t).SHA256())
	}
}

func TestAForeignModuleIsRefusedBeforeItRuns(t *testing.T) {
	imports := append([]byte{}, written(append([]wasmSection{{1, []byte{1, 0x60, 0, 0}},
		{2, []byte("\x01\x03env\x01f\x00\x00")}}, sectionsOf(t, builtIn)[1:]...))...)
	if err := checkLayout(imports); err == nil || err.Error() != "the module has imports" {
		t.Error(err)
	}
	unbounded := sectionsOf(t, builtIn)
	section(t, unbounded, sectionMemory).content = []byte{1, 0, 64}
	large := sectionsOf(t, builtIn)
	section(t, large, sectionMemory).content = []byte{1, 1, 64, 0x81, 0x80, 0x01}
	for about, code := range map[string][]byte{
		"no module":                  []byte("hello"),
		"a cut module":               builtIn[:1000],
		"an import":                  imports,
		"a memory without a maximum": written(unbounded),
		"a memory above 1 GiB":       written(large),
		"another export":             exporting(t, renamed("interdict_alloc", "debug")),
		"a start function":           exporting(t, renamed("interdict_abi_v1", "_start")),
		"a function as a constant": exporting(t, func(all []wasmExport) []wasmExport {
			return renamed("interdict_alloc", "__data_end")(without("__data_end")(all))
		}),
		"a missing export": exporting(t, without("interdict_result")),
		"no marker":        exporting(t, without("interdict_abi_v1")),
		"another major": exporting(t, func(all []wasmExport) []wasmExport {
			return renamed("interdict_verdict", "interdict_abi_version")(without("interdict_abi_version")(all))
		}),
		"a function of another form": exporting(t, func(all []wasmExport) []wasmExport {
			return renamed("interdict_alloc", "interdict_screen")(without("interdict_screen")(all))
		}),
	} {
		if err := newModule(code); !errors.Is(err, ErrForeignModule) {
			t.Errorf("%s: %v", about, err)
		}
	}
}

func TestAModuleOfAnotherMinorVersionRuns(t *testing.T) {
	older := moduleOf(t, exporting(t, without("interdict_verdict", "interdict_walk")))
	newer := moduleOf(t, exporting(t, renamed("interdict_alloc", "interdict_to_come")))
	for module, number := range map[*Module]int32{older: NoVerdict, newer: 31} {
		instance, err := NewInstance(module)
		must(t, err)
		defer instance.Close()
		if _, err := instance.Call(OperationScreen, asking("shop.example"), uint32(fresh.Unix())); err != nil {
			t.Fatal(err)
		}
		if instance.Verdict() != number {
			t.Errorf("the verdict is %d, not %d", instance.Verdict(), number)
		}
	}
}

func TestWhatRunsIsReadFromTheFunctionsThemselves(t *testing.T) {
	if !builtInFor(t).Compiled() {
		t.Error("the built-in module is interpreted")
	}
	interpreted, err := NewModule(context.Background(), builtIn, ModuleOptions{Interpreter: true})
	must(t, err)
	defer interpreted.Close()
	if interpreted.Compiled() {
		t.Error("an interpreted module says that it is compiled")
	}
	instance, err := NewInstance(interpreted)
	must(t, err)
	defer instance.Close()
	if _, err := instance.Call(OperationScreen, asking("shop.example"), uint32(fresh.Unix())); err != nil {
		t.Error(err)
	}
}

func TestAModuleOutlivesItsLastInstance(t *testing.T) {
	module, err := NewModule(context.Background(), builtIn, ModuleOptions{Interpreter: true})
	must(t, err)
	instance, err := NewInstance(module)
	must(t, err)
	module.Close()
	if _, err := instance.Call(OperationDescribe, []byte("{}"), uint32(fresh.Unix())); err != nil {
		t.Errorf("closing the module took an instance's code away: %v", err)
	}
	_, err = NewInstance(module)
	wantKind(t, err, KindClosed)
	instance.Close()
	instance.Close()
}
