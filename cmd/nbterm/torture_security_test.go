//go:build torture

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"nbterm/engine/host"
	"nbterm/engine/kernel/bridge"
)

// nobody tries, as another user, to read every file below the folders given and to
// connect to every socket. It prints what it could do.
const nobody = `
import os, socket, sys
def tries(path):
    try:
        os.stat(path)
    except OSError:
        return
    s = socket.socket(socket.AF_UNIX)
    try:
        s.connect(path)
        try:
            s.settimeout(10)
            s.sendall(b'\x24\x00\x00\x00\x01{"Version":1,"Events":true,"From":1}')
            got = s.recv(1 << 16)
        except OSError:  # closed while we spoke
            got = b''
        print('answered' if got and b'may not use' not in got else 'refused', path)
    except OSError:
        pass
    try:
        open(path, 'rb').read()
        print('read', path)
    except OSError:
        pass
for path in sys.argv[1:]:
    tries(path)
`

// asNobody runs that as user 65534.
func (r *torture) asNobody(paths []string) string {
	r.t.Helper()
	cmd := exec.Command("/usr/bin/python3", append([]string{"-c", nobody}, paths...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	cmd.Dir = "/"
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// ownPorts are how many TCP ports a kernel opens whatever it is told. ipykernel's
// takes what its forked children print: nothing can be read there, and what is
// written must begin with a secret (its iostream.py, IOPubThread).
var ownPorts = map[string]int{"python3": 1}

// [23] of the reliability matrix.
func TestTortureAnotherUserSeesNothing(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can be two users")
	}
	old := syscall.Umask(0) // of hosts, too
	t.Cleanup(func() { syscall.Umask(old) })
	for _, kernel := range []string{bridge.PythonName, bridge.BashName, "python3", "ir"} {
		t.Run(kernel, func(t *testing.T) {
			r := newTorture(t, "", "")
			open := filepath.Dir(filepath.Dir(r.work)) // what the test framework closed
			for _, dir := range []string{open, filepath.Dir(r.work), r.work, filepath.Dir(r.dirs.Runtime)} {
				if err := os.Chmod(dir, 0o755); err != nil {
					t.Fatal(err)
				}
			}
			r.start(kernel, "", host.Mark{})
			c := r.dial()
			hostPID, kernelPID := r.pids(c)
			r.run(c, map[bool]string{true: "cat('x')", false: "echo = 1"}[kernel == "ir"])
			var paths []string
			for _, root := range []string{r.dirs.State, r.dirs.Runtime} {
				if err := filepath.Walk(root, func(path string, _ os.FileInfo, err error) error {
					paths = append(paths, path)
					return err
				}); err != nil {
					t.Fatal(err)
				}
			}
			if got := r.asNobody(paths); got != "" {
				t.Errorf("another user:\n%s", got)
			}
			// Even with every door open the host asks who is there.
			for _, path := range append(paths, filepath.Dir(r.dirs.State)) {
				if err := os.Chmod(path, 0o777); err != nil {
					t.Fatal(err)
				}
			}
			if got := r.asNobody([]string{r.dirs.Socket(r.id)}); !strings.HasPrefix(got, "refused ") {
				t.Errorf("with the doors open: %q", got)
			}
			for _, path := range paths { // closed again, for kill
				_ = os.Chmod(path, 0o700)
			}
			ports := listening(t, hostPID, kernelPID)
			if len(ports) > ownPorts[kernel] {
				t.Errorf("it listens on %v", ports)
			}
			t.Logf("%d files and sockets, none read; ports %v", len(paths), ports)
		})
	}
}

// listening gives the addresses of TCP sockets that processes listen on.
func listening(t *testing.T, pids ...int) (addresses []string) {
	t.Helper()
	var inodes []string
	for _, pid := range pids {
		fds, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
		for _, fd := range fds {
			to, _ := os.Readlink(fd)
			if inode, ok := strings.CutPrefix(to, "socket:["); ok {
				inodes = append(inodes, strings.TrimSuffix(inode, "]"))
			}
		}
	}
	if len(inodes) == 0 {
		t.Fatal("no sockets at all: the test cannot see them")
	}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		data, err := os.ReadFile(table)
		if err != nil {
			continue
		}
		for line := range bytes.Lines(data) {
			f := strings.Fields(string(line))
			if len(f) > 9 && f[3] == "0A" && slices.Contains(inodes, f[9]) {
				addresses = append(addresses, f[1])
			}
		}
	}
	return addresses
}

// [25] of the reliability matrix, through the program; package registry has the rest.
func TestTortureARuntimeFolderOfOthersIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(dir string) error{
		"is not a folder":      func(dir string) error { return os.Symlink(t.TempDir(), filepath.Join(dir, "nbterm")) },
		"others may rename":    func(dir string) error { return os.Chmod(dir, 0o777) },
		"others may look into": func(dir string) error { return openFolder(filepath.Join(dir, "nbterm")) },
		"belongs to user":      func(dir string) error { return os.Chown(dir, 65534, 65534) },
	} {
		t.Run(name, func(t *testing.T) {
			r := newTorture(t, "", "")
			runtime := filepath.Dir(r.dirs.Runtime)
			if err := os.RemoveAll(r.dirs.Runtime); err != nil {
				t.Fatal(err)
			}
			if err := spoil(runtime); err != nil {
				t.Skip(err)
			}
			path := r.notebook("nb.ipynb", "1")
			out, err := r.nbterm("run", "-k", bridge.PythonName, path, "-").CombinedOutput()
			if err == nil || !strings.Contains(string(out), name) || strings.Count(string(out), "\n") > 2 {
				t.Errorf("%v: %s", err, out)
			}
			t.Logf("%s", bytes.TrimSpace(out))
			_ = os.Remove(r.dirs.Runtime)
			_ = os.Chown(runtime, os.Getuid(), os.Getgid())
			_ = os.Chmod(runtime, 0o700)
			_ = os.Chmod(r.dirs.Runtime, 0o700)
		})
	}
}

func openFolder(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	return os.Chmod(dir, 0o777)
}

// forger is a cell for ipykernel that sends on the kernel's own sockets what no
// kernel would sign, and one signed message twice.
const forger = `
import hashlib, hmac, json, sys
kernel = get_ipython().kernel
session, key, parent = kernel.session, kernel.session.key, kernel.get_parent('shell')
def signed(text, key=key, kind='stream'):
    content = {'name': 'stdout', 'text': text} if kind == 'stream' else {'status': 'error', 'ename': text, 'evalue': '', 'traceback': []}
    msg = session.msg(kind, content=content, parent=parent)
    parts = [json.dumps(msg[p], default=str).encode() for p in ('header', 'parent_header', 'metadata', 'content')]
    mac = hmac.new(key, b''.join(parts), hashlib.sha256).hexdigest().encode()
    return mac, parts
def put(mac, parts):
    kernel.iopub_thread.send_multipart([b'stream', b'<IDS|MSG>', mac] + parts)
sys.stdout.flush()
n = 0
for bad in (b'', b'0' * 64, b'\x00' * 32, b'x', b' '):
    put(bad, signed('FORGED')[1]); n += 1
mac, parts = signed('FORGED', key=b'another key')
put(mac, parts); n += 1
for cut in (32, 63):
    mac, parts = signed('FORGED')
    put(mac[:cut], parts); n += 1
mac, parts = signed('fine')
put(mac, parts[:3] + [parts[3].replace(b'fine', b'FORGED')]); n += 1
mac, parts = signed('once\n')
for _ in range(100): put(mac, parts)
n += 99
ident = kernel._parent_ident['shell'] if isinstance(kernel._parent_ident, dict) else kernel._parent_ident
for bad in (b'', b'0' * 64):
    kernel.shell_stream.send_multipart(list(ident) + [b'<IDS|MSG>', bad] + signed('FORGED', kind='execute_reply')[1]); n += 1
import time
time.sleep(1)
print('sent', n)
`

// [24] of the reliability matrix.
func TestTortureForgedMessagesAreNotAccepted(t *testing.T) {
	r := newTorture(t, "python3", "")
	c := r.dial()
	r.pids(c)
	got := r.run(c, forger)
	if !strings.HasPrefix(got, "once\nsent ") {
		t.Errorf("accepted: %q", got)
	}
	data := new(bytes.Buffer)
	for _, e := range r.until(c.Attach(1), r.last) {
		if e.Message != nil {
			data.Write(e.Message.Content)
		}
	}
	if n := bytes.Count(data.Bytes(), []byte(`"FORGED"`)); n != 0 {
		t.Errorf("%d forged messages", n)
	}
	t.Logf("%s forged and replayed messages, 0 accepted", strings.TrimPrefix(strings.TrimSpace(got), "once\nsent "))
}
