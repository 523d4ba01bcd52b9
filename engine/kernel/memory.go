package kernel

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Memory remembers how often the system has killed for want of memory, to tell later
// whether it did so again. What ended a process the system does not say (SIGKILL is
// all), but the control group counts its kills, and so does the machine.
type Memory struct {
	root  string // "" is the machine's; another one is a test's
	group int64  // kills in our control group; -1 where it does not count
	all   int64  // kills on the machine; -1 where it does not count
}

// NewMemory counts now. root stands in front of /proc and /sys; it is "" but for tests.
func NewMemory(root string) Memory {
	m := Memory{root: root}
	m.group, m.all = m.inGroup(), counter(root+"/proc/vmstat", "oom_kill")
	return m
}

// Ran tells whether memory has run out since: in our own control group where that
// counts, else anywhere on the machine.
func (m Memory) Ran() (out bool) {
	now := NewMemory(m.root)
	if m.group >= 0 && now.group >= 0 {
		return now.group > m.group
	}
	return m.all >= 0 && now.all > m.all
}

// inGroup sums what the groups that hold us count: version 2 in memory.events, version
// 1 in memory.oom_control (cgroups(7)).
func (m Memory) inGroup() int64 {
	f, err := os.Open(m.root + "/proc/self/cgroup")
	if err != nil {
		return -1
	}
	defer func() { _ = f.Close() }() // read only
	sum := int64(-1)
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		parts := strings.SplitN(lines.Text(), ":", 3) // number:controllers:path
		if len(parts) != 3 {
			continue
		}
		file := ""
		switch {
		case parts[1] == "":
			file = filepath.Join(m.root, "/sys/fs/cgroup", parts[2], "memory.events")
		case strings.Contains(","+parts[1]+",", ",memory,"):
			file = filepath.Join(m.root, "/sys/fs/cgroup/memory", parts[2], "memory.oom_control")
		default:
			continue
		}
		if n := counter(file, "oom_kill"); n >= 0 {
			sum = max(sum, 0) + n
		}
	}
	return sum
}

// counter reads a line "NAME NUMBER" of a file; -1 where there is none.
func counter(file, name string) int64 {
	data, err := os.ReadFile(file)
	if err != nil {
		return -1
	}
	for line := range strings.Lines(string(data)) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			if n, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64); err == nil {
				return n
			}
		}
	}
	return -1
}
