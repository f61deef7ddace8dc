// Times two modules by turns in Go, with wazero. bench SCRIPT OLD NEW ROUNDS CALLS LOADS
// What SCRIPT is and what is printed: see ../bench.mjs.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

const size = 1 << 20

type step struct {
	part, operation string
	now             uint64
	message, file   []byte
}

type bare struct {
	module api.Module
	memory api.Memory
	calls  map[string]api.Function
	in     uint64
	out    uint64
}

var ctx = context.Background()

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return value
}

func open(runtime wazero.Runtime, compiled wazero.CompiledModule) *bare {
	module := must(runtime.InstantiateModule(ctx, compiled, wazero.NewModuleConfig().WithName("")))
	b := &bare{module: module, memory: module.Memory(), calls: map[string]api.Function{}}
	for name := range compiled.ExportedFunctions() {
		b.calls[name] = module.ExportedFunction(name)
	}
	b.in, b.out = b.ask("interdict_alloc", size), b.ask("interdict_alloc", size)
	return b
}

func (b *bare) ask(name string, arguments ...uint64) uint64 {
	stack := append(arguments, 0)
	if err := b.calls[name].CallWithStack(ctx, stack); err != nil {
		must(0, err)
	}
	return stack[0]
}

func (b *bare) call(s step) {
	if s.file != nil {
		b.memory.Write(uint32(b.ask("interdict_file_begin", uint64(len(s.file)))), s.file)
	}
	b.memory.Write(uint32(b.in), s.message)
	answer := int32(b.ask(s.operation, b.in, uint64(len(s.message)), s.now, b.out, size))
	if answer < 0 {
		must(0, fmt.Errorf("%s: %d", s.operation, answer))
	}
}

func main() {
	script := os.Args[1]
	number := func(index int) int { return must(strconv.Atoi(os.Args[index])) }
	rounds, calls, loads := number(4), number(5), number(6)
	read := func(name string) []byte { return must(os.ReadFile(filepath.Join(script, name))) }
	var steps []step
	for _, line := range strings.Split(strings.TrimSpace(string(read("calls"))), "\n") {
		words := strings.Split(line, " ")
		one := step{words[0], "interdict_" + words[1], must(strconv.ParseUint(words[2], 10, 32)), read(words[3]), nil}
		if words[4] != "-" {
			one.file = read(words[4])
		}
		steps = append(steps, one)
	}
	runtime := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigCompiler())
	var modules [2]wazero.CompiledModule
	for index := range modules {
		modules[index] = must(runtime.CompileModule(ctx, must(os.ReadFile(os.Args[2+index]))))
	}
	loaded := func(module wazero.CompiledModule, part string) *bare {
		b := open(runtime, module)
		for _, one := range steps {
			if one.part == part {
				b.call(one)
			}
		}
		return b
	}
	for round := 0; round <= loads; round++ {
		var times [2]int64
		for index, module := range modules {
			start := time.Now()
			b := loaded(module, "load")
			times[index] = time.Since(start).Nanoseconds()
			b.module.Close(ctx)
		}
		if round > 0 {
			fmt.Println("load", times[0], times[1])
		}
	}
	instances := [2]*bare{loaded(modules[0], "screen"), loaded(modules[1], "screen")}
	for _, one := range steps {
		if one.part == "load" || one.part == "screen" {
			continue
		}
		for round := 0; round <= rounds; round++ {
			var times [2]float64
			for index, b := range instances {
				start := time.Now()
				for range calls {
					b.call(one)
				}
				times[index] = float64(time.Since(start).Nanoseconds()) / float64(calls)
			}
			if round > 0 {
				fmt.Println(one.part, times[0], times[1])
			}
		}
	}
}
