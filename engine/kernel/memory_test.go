package kernel_test

import (
	"os"
	"path/filepath"
	"testing"

	"nbterm/engine/kernel"
)

func TestMemoryRanOutWhereTheSystemCountsIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		before, after map[string]string
		ran           bool
	}{
		{"a group of version 2", map[string]string{"/proc/self/cgroup": "0::/a\n", "/sys/fs/cgroup/a/memory.events": "max 3\noom_kill 1\n"}, map[string]string{"/sys/fs/cgroup/a/memory.events": "max 3\noom_kill 2\n"}, true},
		{"a group of version 1", map[string]string{"/proc/self/cgroup": "4:cpu,memory:/b\n0::/\n", "/sys/fs/cgroup/memory/b/memory.oom_control": "oom_kill 0\n"}, map[string]string{"/sys/fs/cgroup/memory/b/memory.oom_control": "oom_kill 1\n"}, true},
		{"another group's kill", map[string]string{"/proc/self/cgroup": "0::/a\n", "/sys/fs/cgroup/a/memory.events": "oom_kill 1\n", "/proc/vmstat": "oom_kill 1\n"}, map[string]string{"/proc/vmstat": "oom_kill 2\n"}, false},
		{"a machine without groups", map[string]string{"/proc/vmstat": "x 1\noom_kill 1\n"}, map[string]string{"/proc/vmstat": "x 1\noom_kill 2\n"}, true},
		{"nothing that counts", map[string]string{"/proc/vmstat": "x 1\n"}, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			write := func(files map[string]string) {
				for name, text := range files {
					if err := os.MkdirAll(filepath.Dir(root+name), 0o755); err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(root+name, []byte(text), 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
			write(c.before)
			m := kernel.NewMemory(root)
			if m.Ran() {
				t.Error("it ran out before anything happened")
			}
			write(c.after)
			if m.Ran() != c.ran {
				t.Errorf("ran out: %v, want %v", m.Ran(), c.ran)
			}
		})
	}
}
