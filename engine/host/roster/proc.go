package roster

import (
	"bytes"
	"os"
	"strconv"
	"time"
)

// process is what /proc tells of one (proc(5)).
type process struct {
	parent, session int
	cpu             time.Duration // its own and that of children it has waited for
	memory          int64         // resident bytes
}

// table is all processes of this machine by number.
type table map[int]process

// tick is the unit of processor time in /proc, USER_HZ, which is 100 on every
// architecture that Go runs on.
const tick = 10 * time.Millisecond

// processes reads the table; a process that cannot be read is left out.
func processes() table {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer func() { _ = dir.Close() }() // read only
	names, _ := dir.Readdirnames(-1)   // what was read before an error will do
	all := table{}
	page := int64(os.Getpagesize())
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		data, err := os.ReadFile("/proc/" + name + "/stat")
		if err != nil {
			continue // it has ended meanwhile
		}
		if p, ok := parseStat(data, page); ok {
			all[pid] = p
		}
	}
	return all
}

// parseStat reads PID (NAME) STATE PPID PGRP SESSION …, where a name may hold anything.
func parseStat(data []byte, page int64) (process, bool) {
	fields := bytes.Fields(data[bytes.LastIndexByte(data, ')')+1:])
	if len(fields) < 22 {
		return process{}, false
	}
	n := func(field int) int64 { // as proc(5) counts them
		v, err := strconv.ParseInt(string(fields[field-3]), 10, 64)
		if err != nil {
			return 0
		}
		return v
	}
	ticks := n(14) + n(15) + n(16) + n(17) // utime, stime, cutime, cstime
	return process{
		parent: int(n(4)), session: int(n(6)), cpu: time.Duration(ticks) * tick, memory: n(24) * page,
	}, true
}

// tree adds up a process, all it started and what is left in its session of those it
// started. Memory that they share is counted for each.
func (t table) tree(root int) (cpu time.Duration, memory int64) {
	for pid, p := range t {
		if t.under(pid, root) || p.session == root {
			cpu += p.cpu
			memory += p.memory
		}
	}
	return cpu, memory
}

// under is true for root and what descends from it.
func (t table) under(pid, root int) bool {
	for range len(t) { // parents may change while the table is read: no endless ring
		if pid == root {
			return true
		}
		p, known := t[pid]
		if !known || p.parent == 0 {
			return false
		}
		pid = p.parent
	}
	return false
}
