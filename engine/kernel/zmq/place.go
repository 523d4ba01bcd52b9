package zmq

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"nbterm/engine/kernel/spec"
	"nbterm/engine/wire"
)

// The transports of a kernel, as connection files name them.
const (
	overIPC = "ipc"
	overTCP = "tcp"
)

// maxSocketPath is sun_path of Linux without its terminating NUL.
const maxSocketPath = 107

// transportFor says how to reach kernels of s: ipc, whose sockets lie in a
// directory that only we may enter, where the kernel is known to speak it as
// libzmq's Python and R bindings do; tcp otherwise. Many kernels build their
// addresses by hand ("ipc://dir:1") and would listen where nobody looks for them;
// xeus-python aborts. A kernelspec decides for itself with
// "metadata": {"nbterm": {"transport": "tcp"}}.
func transportFor(s spec.Spec) string {
	var m struct {
		NBTerm struct {
			Transport string `json:"transport"`
		} `json:"nbterm"`
	}
	if json.Unmarshal(s.Metadata, &m) == nil && (m.NBTerm.Transport == overIPC || m.NBTerm.Transport == overTCP) {
		return m.NBTerm.Transport
	}
	for _, arg := range s.Argv {
		if strings.Contains(arg, "xpython") {
			return overTCP
		}
	}
	for _, arg := range s.Argv {
		if strings.Contains(arg, "ipykernel") || strings.Contains(arg, "IRkernel") {
			return overIPC
		}
	}
	return overTCP
}

// place is where a kernel listens: a private directory with its connection file
// and, with ipc, its sockets.
type place struct {
	dir       string // 0700, ours alone, removed with the kernel
	file      string // the connection file, 0600
	transport string
	key       string
	endpoints map[wire.Channel]endpoint
}

// connection is the connection file.
// https://jupyter-client.readthedocs.io/en/stable/kernels.html#connection-files
type connection struct {
	Transport  string `json:"transport"`
	IP         string `json:"ip"`
	Shell      int    `json:"shell_port"`
	IOPub      int    `json:"iopub_port"`
	Stdin      int    `json:"stdin_port"`
	Control    int    `json:"control_port"`
	Heartbeat  int    `json:"hb_port"`
	Key        string `json:"key"`
	Scheme     string `json:"signature_scheme"`
	KernelName string `json:"kernel_name"`
}

// newPlace makes the directory, picks addresses and writes the connection file.
func newPlace(runtimeDir, name, transport string, newID func() string) (_ *place, err error) {
	dir, err := privateDir(runtimeDir, transport, newID)
	if err != nil {
		return nil, err
	}
	p := &place{dir: dir, transport: transport, endpoints: map[wire.Channel]endpoint{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.remove())
		}
	}()
	p.file = filepath.Join(dir, "kernel-"+filepath.Base(dir)+".json")
	if len(socketPath(dir, 5)) > maxSocketPath {
		p.transport = overTCP
	}
	c := connection{Transport: p.transport, Scheme: wire.Scheme, KernelName: name}
	secret := make([]byte, 32)
	if _, err := rand.Read(secret); err != nil {
		return nil, fmt.Errorf("make a connection key: %w", err)
	}
	p.key = hex.EncodeToString(secret)
	c.Key = p.key
	ports := []int{1, 2, 3, 4, 5}
	c.IP = socketPath(dir, 0)
	if p.transport == overTCP {
		c.IP = "127.0.0.1"
		if ports, err = freePorts(len(ports)); err != nil {
			return nil, err
		}
	}
	c.Shell, c.IOPub, c.Stdin, c.Control, c.Heartbeat = ports[0], ports[1], ports[2], ports[3], ports[4]
	for i, ch := range []wire.Channel{wire.Shell, wire.IOPub, wire.Stdin, wire.Control} {
		p.endpoints[ch] = endpoint{"unix", socketPath(dir, ports[i])}
		if p.transport == overTCP {
			p.endpoints[ch] = endpoint{"tcp", net.JoinHostPort(c.IP, strconv.Itoa(ports[i]))}
		}
	}
	return p, p.write(c)
}

// socketPath is where libzmq's bindings put port n of ipc; 0 gives what goes into
// the connection file as ip.
func socketPath(dir string, n int) string {
	base := filepath.Join(dir, "s")
	if n == 0 {
		return base
	}
	return fmt.Sprintf("%s-%d", base, n)
}

// privateDir makes a directory of our own under runtimeDir, or, where paths there
// are too long for sockets, under the system's directory for temporary files.
func privateDir(runtimeDir, transport string, newID func() string) (string, error) {
	if runtimeDir == "" {
		return "", errors.New("make a directory for the kernel: no runtime directory is set")
	}
	if err := os.MkdirAll(runtimeDir, 0o700); err != nil {
		return "", fmt.Errorf("make the runtime directory: %w", err)
	}
	root, err := filepath.Abs(runtimeDir)
	if err != nil {
		return "", fmt.Errorf("make the runtime directory: %w", err)
	}
	for range 100 {
		dir := filepath.Join(root, shortID(newID()))
		if transport == overIPC && len(socketPath(dir, 5)) > maxSocketPath {
			dir, err = os.MkdirTemp("", "nbterm-")
		} else {
			err = os.Mkdir(dir, 0o700)
		}
		if err == nil {
			return dir, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			break
		}
	}
	return "", fmt.Errorf("make a directory for the kernel: %w", err)
}

// shortID keeps the end of an id, which differs where ids count, and what is safe
// in a file name.
func shortID(id string) string {
	safe := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, id)
	return "k" + safe[max(0, len(safe)-12):]
}

// write makes the connection file, which must not exist.
func (p *place) write(c connection) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", "  ")
	if err := enc.Encode(c); err != nil {
		return fmt.Errorf("write the connection file: %w", err)
	}
	f, err := os.OpenFile(p.file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write the connection file: %w", err)
	}
	_, err = f.Write(b.Bytes())
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write the connection file: %w", err)
	}
	return nil
}

// remove may be repeated.
func (p *place) remove() error {
	if err := os.RemoveAll(p.dir); err != nil {
		return fmt.Errorf("remove the kernel's directory: %w", err)
	}
	return nil
}

// freePorts picks n ports that are free now. Another program may take one before
// the kernel does: then the kernel ends early and the launch is tried again.
func freePorts(n int) (ports []int, err error) {
	var held []net.Listener
	defer func() {
		for _, l := range held {
			_ = l.Close() // nothing was accepted on it
		}
	}()
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("find free ports: %w", err)
		}
		held = append(held, l)
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return slices.Clip(ports), nil
}
