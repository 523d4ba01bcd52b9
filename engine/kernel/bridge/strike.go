package bridge

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// strike sends SIGINT to the running command. s.mu is held.
//
// A command that bash forks in the same instant may lose the signal between fork
// and exec, and bash then waits for it as if nothing had happened. Therefore the
// signal is repeated, but only where that is the case: to commands that were born
// around the first one, and to all when bash has given the cell up already (its
// input is no longer the cell's /dev/null). A program that cleans up after its
// first SIGINT is left in peace.
func (s *shell) strike(number int) {
	s.signal(syscall.SIGINT)
	if s.closed {
		return
	}
	s.side.Go(func() {
		const wait = 50 * time.Millisecond
		tick := time.NewTicker(wait)
		defer tick.Stop()
		for round := range 40 {
			select {
			case <-s.gone:
				return
			case <-tick.C:
			}
			input, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/0", s.info.PID))
			var young []int
			if round < 8 {
				young = commands(s.info.PID, time.Duration(round+1)*wait+wait)
			}
			s.mu.Lock()
			over := err != nil || !s.begun || s.number != number
			if !over && input != os.DevNull {
				s.signal(syscall.SIGINT)
			} else if !over {
				for _, pid := range young {
					_ = syscall.Kill(pid, syscall.SIGINT) // it may have ended meanwhile
				}
			}
			s.mu.Unlock()
			if over {
				return
			}
		}
	})
}

// commands are the processes of a session, its leader aside, that are no older than
// age. Empty where there is no /proc. Times in /proc are in hundredths of a second.
func commands(session int, age time.Duration) []int {
	text, err := os.ReadFile("/proc/uptime")
	if err != nil {
		return nil
	}
	first, _, _ := strings.Cut(string(text), " ")
	uptime, err := strconv.ParseFloat(first, 64)
	if err != nil {
		return nil
	}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var found []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == session {
			continue
		}
		stat, err := os.ReadFile("/proc/" + e.Name() + "/stat")
		if err != nil {
			continue // ended meanwhile
		}
		// proc(5): after "(comm)" come state, ppid, pgrp, session; starttime is field 22.
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		if len(fields) < 20 || fields[3] != strconv.Itoa(session) {
			continue
		}
		started, err := strconv.ParseFloat(fields[19], 64)
		if err == nil && uptime-started/100 <= age.Seconds() {
			found = append(found, pid)
		}
	}
	return found
}
