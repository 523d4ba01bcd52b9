package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// socketRoom is what a socket's name may add to the runtime folder. Linux allows
// 107 bytes for the whole path (unix(7)).
const (
	socketPath = 107
	socketRoom = 48
)

// errNoHome means that neither HOME nor the XDG variable it stands in for is set.
var errNoHome = errors.New("HOME is not set")

// configPath is where the configuration is read from, "" where there is no home.
func (a *app) configPath() string {
	if a.configFile != "" {
		return a.configFile
	}
	dir, err := a.xdg("XDG_CONFIG_HOME", ".config")
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "nbterm", "config.toml")
}

// statePath is the folder of logs and journals. It may not exist yet.
func (a *app) statePath() (string, error) {
	dir, err := a.xdg("XDG_STATE_HOME", ".local/state")
	if err != nil {
		return "", fmt.Errorf("find the state folder: %w", err)
	}
	return filepath.Join(dir, "nbterm"), nil
}

// xdg is a base directory of the XDG specification, which has relative paths
// ignored.
func (a *app) xdg(variable, underHome string) (string, error) {
	if dir := a.getenv(variable); filepath.IsAbs(dir) {
		return dir, nil
	}
	home := a.getenv("HOME")
	if home == "" {
		return "", errNoHome
	}
	return filepath.Join(home, underHome), nil
}

// runtimePath is the folder of sockets and connection files: under
// XDG_RUNTIME_DIR, or under /tmp where that is unset or too long for a socket.
func (a *app) runtimePath() string {
	if dir := a.getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) {
		if dir = filepath.Join(dir, "nbterm"); len(dir)+socketRoom <= socketPath {
			return dir
		}
	}
	return "/tmp/nbterm-" + strconv.Itoa(os.Getuid())
}

// runtimeDir makes the runtime folder. What is in it lets others run code as this
// user, so it must be theirs alone: a folder, not a link, mode 0700.
func (a *app) runtimeDir() (string, error) {
	dir := a.runtimePath()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make the folder for sockets: %w; set XDG_RUNTIME_DIR to a folder of yours", err)
	}
	return dir, checkPrivate(dir)
}

// stateDir makes the state folder.
func (a *app) stateDir() (string, error) {
	dir, err := a.statePath()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make the state folder: %w", err)
	}
	return dir, nil
}

// checkPrivate says why dir is not this user's alone, nil when it is.
func checkPrivate(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	stat, known := info.Sys().(*syscall.Stat_t)
	switch {
	case !info.IsDir():
		return fmt.Errorf("%s is not a folder; remove it", dir)
	case known && int(stat.Uid) != os.Getuid():
		return fmt.Errorf("%s belongs to user %d; set XDG_RUNTIME_DIR to a folder of yours", dir, stat.Uid)
	case info.Mode().Perm()&0o077 != 0:
		return fmt.Errorf("others may look into %s (mode %04o); try chmod 700 %s", dir, info.Mode().Perm(), dir)
	}
	return nil
}

// tilde shortens a path of the home folder for people.
func (a *app) tilde(path string) string {
	home := strings.TrimSuffix(a.getenv("HOME"), "/")
	if rest, ok := strings.CutPrefix(path, home+"/"); ok && home != "" {
		return "~/" + rest
	}
	return path
}

// expand is the opposite: "~/x" as the home folder's x.
func (a *app) expand(path string) string {
	if path == "~" && a.getenv("HOME") != "" {
		return a.getenv("HOME")
	}
	if rest, ok := strings.CutPrefix(path, "~/"); ok && a.getenv("HOME") != "" {
		return filepath.Join(a.getenv("HOME"), rest)
	}
	return path
}
