package interdict

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

//go:embed interdict.wasm
var builtIn []byte

const (
	abiMajor = 1
	// maxPages of 64 KiB are 1 GiB, so that every pointer is a positive i32.
	maxPages = 1 << 14
)

// signature is how many numbers a function takes and gives; all are i32.
type signature struct{ parameters, results int }

// needed are the functions that this host calls; docs/abi.md, Exports.
var needed = map[string]signature{
	"interdict_abi_v1": {0, 0}, "interdict_abi_version": {0, 1},
	"interdict_alloc": {1, 1}, "interdict_free": {2, 0}, "interdict_file_begin": {1, 1},
	"interdict_configure": {5, 1}, "interdict_poll": {5, 1}, "interdict_supply": {5, 1},
	"interdict_screen": {5, 1}, "interdict_screen_batch": {5, 1}, "interdict_state": {5, 1},
	"interdict_describe": {5, 1}, "interdict_result": {2, 1}, "interdict_last_error": {2, 1},
}

// later came with version 1.1 of the ABI; an archived module may lack them.
var later = map[string]signature{"interdict_verdict": {0, 1}, "interdict_walk": {3, 1}}

// ModuleOptions says how a module is run. The zero value compiles it to the processor's own code.
type ModuleOptions struct {
	// Interpreter runs the module without making machine code: for a machine where wazero has no compiler, and
	// for one where a profiler's signals and compiled code do not go together. A screening then takes about
	// half a millisecond. It is never chosen silently.
	Interpreter bool
	// Cache is a directory that keeps compiled code for the next process; empty for none. What lies there is
	// run, so nobody but this program's user may be able to write it.
	Cache string
}

// Module is a compiled and checked module: it imports nothing, and exports the contract and nothing of
// another name. It is made once, and serves any number of instances in any number of goroutines.
type Module struct {
	runtime  wazero.Runtime
	cache    wazero.CompilationCache
	compiled wazero.CompiledModule
	sha256   string
	engine   string
	minor    int

	mutex     sync.Mutex
	instances int
	closed    bool
}

var builtInModule = sync.OnceValues(func() (*Module, error) {
	return NewModule(context.Background(), builtIn, ModuleOptions{})
})

// BuiltInModule returns the module that is packed with this package. It is compiled once in a process, which
// takes about half a second, and never closed.
func BuiltInModule() (*Module, error) { return builtInModule() }

// BuiltInCode returns the bytes of the module that is packed with this package.
func BuiltInCode() []byte { return append([]byte(nil), builtIn...) }

// NewModule checks and compiles a module. Close it, or keep it as long as the program runs.
//
// It returns [ErrForeignModule] for a file that is not what docs/abi.md says a host accepts, and [ErrInvalid]
// if wazero has no compiler for this machine or the cache cannot be used.
func NewModule(ctx context.Context, code []byte, options ModuleOptions) (*Module, error) {
	if err := checkLayout(code); err != nil {
		return nil, err
	}
	digest := sha256.Sum256(code)
	module := &Module{sha256: hex.EncodeToString(digest[:])}
	config := wazero.NewRuntimeConfigCompiler()
	if options.Interpreter {
		config = wazero.NewRuntimeConfigInterpreter()
	}
	if options.Cache != "" {
		cache, err := wazero.NewCompilationCacheWithDir(options.Cache)
		if err != nil {
			return nil, failure(KindInvalid, "the cache for compiled code: %w", err)
		}
		module.cache = cache
		config = config.WithCompilationCache(cache)
	}
	// WithCloseOnContextDone stays off: it costs every call 13 microseconds, and a call takes fewer.
	runtime, err := newRuntime(ctx, config)
	if err != nil {
		module.closeRuntime()
		return nil, err
	}
	module.runtime = runtime
	if err := module.compile(ctx, code); err != nil {
		module.closeRuntime()
		return nil, err
	}
	return module, nil
}

// newRuntime turns the panic of a runtime without a compiler into an error.
func newRuntime(ctx context.Context, config wazero.RuntimeConfig) (runtime wazero.Runtime, err error) {
	defer func() {
		if why := recover(); why != nil {
			err = failure(KindInvalid, "wazero has no compiler for this machine (%v); set Interpreter", why)
		}
	}()
	return wazero.NewRuntimeWithConfig(ctx, config), nil
}

func (m *Module) compile(ctx context.Context, code []byte) error {
	compiled, err := m.runtime.CompileModule(ctx, code)
	if err != nil {
		return failure(KindForeignModule, "the module does not compile: %w", err)
	}
	m.compiled = compiled
	if err := checkTypes(compiled); err != nil {
		return err
	}
	trial, err := m.runtime.InstantiateModule(ctx, compiled, instanceConfig())
	if err != nil {
		return failure(KindForeignModule, "the module does not start: %w", err)
	}
	defer func() { _ = trial.Close(ctx) }()
	version := trial.ExportedFunction("interdict_abi_version")
	m.engine = engineOf(version)
	answer, err := version.Call(ctx)
	if err != nil || answer[0]>>16 != abiMajor {
		return failure(KindForeignModule, "the module speaks another ABI major")
	}
	m.minor = int(answer[0] & 0xffff)
	for name := range linkerGlobals {
		if _, isMutable := trial.ExportedGlobal(name).(api.MutableGlobal); isMutable {
			return failure(KindForeignModule, "the module exports a variable")
		}
	}
	return nil
}

// engineOf reads what runs a function from the function itself, not from what was asked for.
func engineOf(function api.Function) string {
	if strings.HasPrefix(fmt.Sprintf("%T", function), "*wazevo.") {
		return "compiler"
	}
	return "interpreter"
}

func instanceConfig() wazero.ModuleConfig {
	return wazero.NewModuleConfig().WithName("").WithStartFunctions()
}

// linkerGlobals are the constants that the linker leaves.
var linkerGlobals = map[string]bool{"__data_end": true, "__heap_base": true}

func checkLayout(code []byte) error {
	found, whole := readLayout(code)
	switch {
	case !whole:
		return failure(KindForeignModule, "the file is no WebAssembly module")
	case found.imports != 0:
		return failure(KindForeignModule, "the module has imports")
	case found.hasStart:
		return failure(KindForeignModule, "the module runs by itself when it starts")
	case found.exports["memory"] != exportMemory:
		return failure(KindForeignModule, "the module exports no memory")
	}
	for name := range needed {
		if _, exported := found.exports[name]; !exported {
			return failure(KindForeignModule, "the module lacks the export %s", name)
		}
	}
	for name, kind := range found.exports {
		isFunction := kind == exportFunction && strings.HasPrefix(name, "interdict_")
		isConstant := kind == exportGlobal && linkerGlobals[name]
		if !isFunction && !isConstant && name != "memory" {
			return failure(KindForeignModule, "the module has an export that no Interdict module has")
		}
	}
	return nil
}

func checkTypes(compiled wazero.CompiledModule) error {
	most, isBounded := compiled.ExportedMemories()["memory"].Max()
	if !isBounded || most > maxPages {
		return failure(KindForeignModule, "the module's memory has no maximum, or one above 1 GiB")
	}
	functions := compiled.ExportedFunctions()
	for _, table := range []map[string]signature{needed, later} {
		for name, wanted := range table {
			if function, exported := functions[name]; exported && !wanted.fits(function) {
				return failure(KindForeignModule, "the module's %s has other parameters", name)
			}
		}
	}
	return nil
}

func (s signature) fits(function api.FunctionDefinition) bool {
	numbers := append(function.ParamTypes(), function.ResultTypes()...)
	for _, number := range numbers {
		if number != api.ValueTypeI32 {
			return false
		}
	}
	return len(function.ParamTypes()) == s.parameters && len(function.ResultTypes()) == s.results
}

// SHA256 returns the digest of the module's file in hexadecimal, which receipts name.
func (m *Module) SHA256() string { return m.sha256 }

// Compiled reports whether the module really runs as machine code.
func (m *Module) Compiled() bool { return m.engine == "compiler" }

// ABIMinor returns the minor version of the ABI that the module speaks.
func (m *Module) ABIMinor() int { return m.minor }

// Close frees the module's code as soon as its last instance is closed. No new instance can be made.
func (m *Module) Close() {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if !m.closed {
		m.closed = true
		m.closeIfUnused()
	}
}

// enter counts an instance: code must not be freed while a call runs in it.
func (m *Module) enter() error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.closed {
		return failure(KindClosed, "the module is closed")
	}
	m.instances++
	return nil
}

func (m *Module) leave() {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.instances--
	m.closeIfUnused()
}

func (m *Module) closeIfUnused() {
	if m.closed && m.instances == 0 {
		m.closeRuntime()
	}
}

func (m *Module) closeRuntime() {
	if m.runtime != nil {
		_ = m.runtime.Close(context.Background())
	}
	if m.cache != nil {
		_ = m.cache.Close(context.Background())
	}
}
