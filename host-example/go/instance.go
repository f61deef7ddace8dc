package interdict

import (
	"context"
	"encoding/json"
	"math/bits"

	"github.com/tetratelabs/wazero/api"
)

const (
	codePoisoned       = -4
	codeAnswerTooLarge = -28
	codeHistoryDamaged = -100

	// bufferSize has room for an ordinary request, and for the verdict on it with its receipt.
	bufferSize = 16 << 10
	// maxFile is the largest region for a file.
	maxFile = 512 << 20

	// NoVerdict is the number of no verdict. So is every number outside the table of [Instance.Verdict].
	NoVerdict = 60
)

// Operation is a question that an instance answers.
type Operation int

// The operations of docs/abi.md.
const (
	OperationConfigure Operation = iota
	OperationPoll
	OperationSupply
	OperationScreen
	OperationScreenBatch
	OperationState
	OperationDescribe
	operationCount
)

var operationNames = [operationCount]string{"configure", "poll", "supply", "screen", "screen_batch", "state", "describe"}

// String returns the operation's name in docs/abi.md.
func (o Operation) String() string {
	if o < 0 || o >= operationCount {
		return "unknown"
	}
	return operationNames[o]
}

// ParseOperation returns the operation of a name.
func ParseOperation(name string) (Operation, error) {
	for operation, known := range operationNames {
		if known == name {
			return Operation(operation), nil
		}
	}
	return 0, failure(KindInvalid, "there is no such operation")
}

// Instance is one engine with its own lists. It is used by one goroutine at a time; a [Gateway] is a pool of
// them. After a trap it never answers again, and its owner makes another.
type Instance struct {
	module   *Module
	instance api.Module
	memory   api.Memory
	// Looked up once: wazero allocates at every look-up.
	operations                                [operationCount]api.Function
	alloc, free, fileBegin, result, lastError api.Function
	verdict, walk                             api.Function
	stack                                     [5]uint64
	in, out                                   buffer
	isDead, isClosed                          bool
}

// buffer lies in the module's memory.
type buffer struct{ pointer, length uint32 }

// NewInstance makes an engine without lists. Close it.
func NewInstance(module *Module) (*Instance, error) {
	i, err := newBare(module)
	if err != nil {
		return nil, err
	}
	if i.in, err = i.buffer(bufferSize); err == nil {
		i.out, err = i.buffer(bufferSize)
	}
	if err != nil {
		i.Close()
		return nil, err
	}
	return i, nil
}

func newBare(module *Module) (*Instance, error) {
	if err := module.enter(); err != nil {
		return nil, err
	}
	instance, err := module.runtime.InstantiateModule(context.Background(), module.compiled, instanceConfig())
	if err != nil {
		module.leave()
		return nil, failure(KindTrapped, "no instance could be made: %w", err)
	}
	i := &Instance{module: module, instance: instance, memory: instance.Memory()}
	if err := i.lookUp(); err != nil {
		i.Close()
		return nil, err
	}
	return i, nil
}

func (i *Instance) lookUp() error {
	places := map[string]*api.Function{
		"alloc": &i.alloc, "free": &i.free, "file_begin": &i.fileBegin, "result": &i.result,
		"last_error": &i.lastError,
	}
	for operation, name := range operationNames {
		places[name] = &i.operations[operation]
	}
	for name, place := range places {
		if *place = i.instance.ExportedFunction("interdict_" + name); *place == nil {
			return failure(KindForeignModule, "the module lacks the export interdict_%s", name)
		}
	}
	i.verdict = i.instance.ExportedFunction("interdict_verdict")
	i.walk = i.instance.ExportedFunction("interdict_walk")
	return nil
}

// Call runs one operation on a JSON message; now is in seconds since 1970. The answer lies in the module's
// memory and is overwritten by the next call: copy what you keep. A call that needs no larger buffer than the
// one before allocates nothing.
//
// It returns a [*RefusedError], [ErrTrapped], or [ErrAnswer].
func (i *Instance) Call(operation Operation, message []byte, now uint32) ([]byte, error) {
	if operation < 0 || operation >= operationCount {
		return nil, failure(KindInvalid, "there is no such operation")
	}
	if uint64(len(message)) > uint64(i.in.length) {
		if err := i.exchange(&i.in, len(message)); err != nil {
			return nil, err
		}
	}
	if !i.isDead && !i.memory.Write(i.in.pointer, message) {
		return nil, i.broken("the module gave a buffer outside its memory")
	}
	i.stack = [5]uint64{
		uint64(i.in.pointer), uint64(len(message)), uint64(now), uint64(i.out.pointer), uint64(i.out.length),
	}
	length, err := i.run(i.operations[operation])
	if err != nil {
		return nil, err
	}
	if length < 0 {
		return nil, i.refusal(length)
	}
	return i.answer(length)
}

// answer reads the answer of an operation that has run, and fetches it if it did not fit.
func (i *Instance) answer(length int32) ([]byte, error) {
	if uint32(length) > i.out.length {
		if err := i.exchange(&i.out, int(length)); err != nil {
			return nil, err
		}
		again, err := i.run(i.result, uint64(i.out.pointer), uint64(i.out.length))
		if err != nil {
			return nil, err
		}
		if again != length {
			return nil, failure(KindAnswer, "the module does not hand out its answer")
		}
	}
	answer, inside := i.memory.Read(i.out.pointer, uint32(length))
	if !inside {
		return nil, i.broken("the module gave an answer outside its memory")
	}
	return answer, nil
}

// refusal reads why an operation was refused.
func (i *Instance) refusal(code int32) error {
	if code == codePoisoned {
		return i.broken("the module trapped before, or was entered while it ran")
	}
	length, err := i.run(i.lastError, uint64(i.out.pointer), uint64(i.out.length))
	if err != nil {
		return err
	}
	sentence, inside := i.memory.Read(i.out.pointer, min(uint32(max(length, 0)), i.out.length))
	if !inside {
		return i.broken("the module gave a sentence outside its memory")
	}
	refused := &RefusedError{Code: code, sentence: string(sentence)}
	if length, err = i.run(i.result, uint64(i.out.pointer), uint64(i.out.length)); err != nil {
		return err
	}
	object, err := i.answer(max(length, 0))
	if err != nil {
		return err
	}
	var told refusalAnswer
	// A module of ABI 1.0 gives no object, and the sentence is enough.
	if json.Unmarshal(object, &told) == nil && told.Error != nil && told.Error.Code == code {
		told := told.refused()
		told.sentence = refused.sentence
		return told
	}
	return refused
}

// refusalAnswer is the answer to an operation, or to a line, that was refused.
type refusalAnswer struct {
	Error *struct {
		Code    int32           `json:"code"`
		Name    string          `json:"name"`
		Path    string          `json:"path"`
		Message string          `json:"message"`
		Receipt json.RawMessage `json:"receipt"`
	} `json:"error"`
}

func (r refusalAnswer) refused() *RefusedError {
	told := r.Error
	return &RefusedError{told.Code, told.Name, told.Path, told.Message, told.Receipt, told.Message}
}

// File puts a file into the open region, for the next [OperationSupply].
//
// It returns [ErrInvalid] if the module has no room for it: supply the file as "failed" then.
func (i *Instance) File(data []byte) error {
	if len(data) > maxFile {
		return failure(KindInvalid, "the file is larger than the module takes")
	}
	pointer, err := i.run(i.fileBegin, uint64(len(data)))
	if err != nil {
		return err
	}
	if pointer <= 0 {
		return failure(KindInvalid, "the module has no room for the file")
	}
	if !i.memory.Write(uint32(pointer), data) {
		return i.broken("the module gave a region outside its memory")
	}
	return nil
}

// Verdict returns the last verdict as a number of docs/abi.md: 10 allow, 20 monitor, 30 review, 40 hold the
// payout, 50 block, one more if degraded. It is [NoVerdict] unless the last operation was a [OperationScreen] that gave
// one. Pass only if it is at least 10 and below 30.
func (i *Instance) Verdict() int32 {
	if i.verdict == nil {
		return NoVerdict
	}
	number, err := i.run(i.verdict)
	if err != nil {
		return NoVerdict
	}
	return number
}

// IsTrapped reports whether the instance must be thrown away.
func (i *Instance) IsTrapped() bool { return i.isDead }

// Clone makes a second engine with the same lists, keys and choices, by copying the memory. It takes
// milliseconds. No call may run in the instance meanwhile.
func (i *Instance) Clone() (*Instance, error) {
	if i.isDead {
		return nil, failure(KindTrapped, "an instance that trapped cannot be copied")
	}
	clone, err := newBare(i.module)
	if err != nil {
		return nil, err
	}
	size := i.memory.Size()
	content, _ := i.memory.Read(0, size)
	missing := (size - min(size, clone.memory.Size())) >> 16
	if _, grown := clone.memory.Grow(missing); !grown || !clone.memory.Write(0, content) {
		clone.Close()
		return nil, failure(KindTrapped, "there is no memory for another instance")
	}
	clone.in, clone.out = i.in, i.out
	return clone, nil
}

// Close frees the instance. No call may run in it.
func (i *Instance) Close() {
	if i.isClosed {
		return
	}
	i.isClosed, i.isDead = true, true
	_ = i.instance.Close(context.Background())
	i.module.leave()
}

// run calls a function with these arguments, or with what is on the stack if there are none.
func (i *Instance) run(function api.Function, arguments ...uint64) (int32, error) {
	if i.isDead {
		return 0, failure(KindTrapped, "the instance trapped before, or is closed")
	}
	copy(i.stack[:], arguments)
	if err := function.CallWithStack(context.Background(), i.stack[:]); err != nil {
		i.isDead = true
		return 0, failure(KindTrapped, "the module trapped")
	}
	return int32(uint32(i.stack[0])), nil
}

// broken ends the use of an instance whose answers make no sense.
func (i *Instance) broken(why string) error {
	i.isDead = true
	return failure(KindTrapped, "%s", why)
}

func (i *Instance) buffer(length int) (buffer, error) {
	pointer, err := i.run(i.alloc, uint64(length))
	if err != nil {
		return buffer{}, err
	}
	if pointer <= 0 {
		return buffer{}, failure(KindInvalid, "the message is larger than the module takes")
	}
	return buffer{uint32(pointer), uint32(length)}, nil
}

// exchange replaces a buffer by one with room for this length.
func (i *Instance) exchange(old *buffer, length int) error {
	grown, err := i.buffer(1 << bits.Len(uint(length-1)))
	if err != nil {
		return err
	}
	if _, err := i.run(i.free, uint64(old.pointer), uint64(old.length)); err != nil {
		return err
	}
	*old = grown
	return nil
}
