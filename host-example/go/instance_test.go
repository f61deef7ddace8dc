package interdict

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func readFixture(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(fixtures, name))
	must(t, err)
	return string(text)
}

func namesIn(t testing.TB, directory string) []string {
	t.Helper()
	entries, err := os.ReadDir(directory)
	must(t, err)
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func loadedInstance(t testing.TB) *Instance {
	t.Helper()
	instance, err := LoadInstance(context.Background(), sampleState(t), Options{Policy: policy}, fresh)
	must(t, err)
	t.Cleanup(instance.Close)
	return instance
}

func TestACallAllocatesNothingAndLeaksNothing(t *testing.T) {
	instance := loadedInstance(t)
	now, message := uint32(fresh.Unix()), asking("bücher.example")
	screen := func() {
		now++
		if _, err := instance.Call(OperationScreen, message, now); err != nil {
			t.Fatal(err)
		}
	}
	screen()
	size := instance.memory.Size()
	if count := testing.AllocsPerRun(2000, screen); count != 0 {
		t.Errorf("a call allocates %v times", count)
	}
	if instance.memory.Size() != size {
		t.Errorf("the module's memory grew from %d to %d bytes", size, instance.memory.Size())
	}
}

func TestTheNumberOfAVerdictIsOneOnlyAfterAVerdict(t *testing.T) {
	instance := loadedInstance(t)
	now := uint32(fresh.Unix())
	if instance.Verdict() != NoVerdict {
		t.Error("there is a verdict before the first request")
	}
	for domain, number := range map[string]int32{"flowers.example": 10, "bücher.example": 50} {
		_, err := instance.Call(OperationScreen, asking(domain), now)
		must(t, err)
		if instance.Verdict() != number {
			t.Errorf("%s: %d", domain, instance.Verdict())
		}
	}
	_, err := instance.Call(OperationScreen, []byte("{}"), now)
	wantKind(t, err, KindRefused)
	if instance.Verdict() != NoVerdict {
		t.Error("a refusal left the verdict before it")
	}
}

func TestBuffersGrowByExchange(t *testing.T) {
	instance := loadedInstance(t)
	now := uint32(fresh.Unix())
	lines := bytes.Repeat(append(asking("bücher.example"), '\n'), 300)
	for range 3 {
		answer, err := instance.Call(OperationScreenBatch, lines, now)
		must(t, err)
		if bytes.Count(answer, []byte("\n")) != 300 {
			t.Fatal("lines are missing")
		}
	}
	if instance.in.length > 1<<16 || instance.out.length < 1<<18 {
		t.Errorf("buffers of %d and %d bytes", instance.in.length, instance.out.length)
	}
}

func TestARefusalSaysWhichPlaceAndRepeatsNothing(t *testing.T) {
	instance := loadedInstance(t)
	_, err := instance.Call(OperationScreen, []byte(`{"flow":"payout","identifiers":[{"kind":"secret"}]}`), uint32(fresh.Unix()))
	var refused *RefusedError
	if !errors.As(err, &refused) || refused.Name == "" || refused.Path == "" || refused.Receipt == nil {
		t.Fatalf("%+v", err)
	}
	if bytes.Contains([]byte(err.Error()), []byte("secret")) {
		t.Error("the refusal repeats the request")
	}
}

func TestACloneAnswersTheSameAndOnItsOwn(t *testing.T) {
	instance := loadedInstance(t)
	now, message := uint32(fresh.Unix()), asking("bücher.example")
	first, err := instance.Call(OperationScreen, message, now)
	must(t, err)
	kept := bytes.Clone(first)
	clone, err := instance.Clone()
	must(t, err)
	instance.Close()
	second, err := clone.Call(OperationScreen, message, now)
	must(t, err)
	if !bytes.Equal(kept, second) {
		t.Error("the clone answers something else")
	}
	clone.Close()
	_, err = clone.Call(OperationScreen, message, now)
	wantKind(t, err, KindTrapped)
	_, err = clone.Clone()
	wantKind(t, err, KindTrapped)
}

func TestAfterATrapAnInstanceIsNeverUsedAgain(t *testing.T) {
	instance, err := NewInstance(trappingModule(t))
	must(t, err)
	defer instance.Close()
	now := uint32(fresh.Unix())
	_, err = instance.Call(OperationScreen, asking("shop.example"), now)
	must(t, err)
	_, err = instance.Call(OperationScreen, []byte("!"), now)
	wantKind(t, err, KindTrapped)
	_, err = instance.Call(OperationScreen, asking("shop.example"), now)
	wantKind(t, err, KindTrapped)
	if instance.Verdict() != NoVerdict || !instance.IsTrapped() {
		t.Error("a trapped instance has a verdict")
	}
}

func TestAPoisonedInstanceIsThrownAway(t *testing.T) {
	instance := loadedInstance(t)
	wantKind(t, instance.refusal(codePoisoned), KindTrapped)
	if !instance.IsTrapped() {
		t.Error("a poisoned instance is used again")
	}
}

func TestAFileThatIsTooLargeIsRefusedBeforeItIsCopied(t *testing.T) {
	instance := loadedInstance(t)
	wantKind(t, instance.File(make([]byte, maxFile+1)), KindInvalid)
	must(t, instance.File(nil))
}
