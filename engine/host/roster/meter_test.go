package roster

import (
	"os"
	"testing"
	"time"
)

func TestAMeterTellsWhatHasBeenUsedSince(t *testing.T) {
	t.Parallel()
	var m Meter
	if cpu, memory := m.Measure(os.Getpid()); cpu != 0 || memory < 1<<20 {
		t.Errorf("at first %v %%, %d bytes", cpu, memory)
	}
	for begun := time.Now(); time.Since(begun) < 50*time.Millisecond; {
		_ = len(processes()) // work
	}
	if cpu, _ := m.Measure(os.Getpid()); cpu <= 0 {
		t.Errorf("after work %v %%", cpu)
	}
	if cpu, memory := m.Measure(1 << 30); cpu != 0 || memory != 0 {
		t.Errorf("of no process %v %%, %d bytes", cpu, memory)
	}
}
