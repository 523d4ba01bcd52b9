package local_test

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"nbterm/storage"
	"nbterm/storage/local"
)

// resave reads the file at path and saves something longer.
func resave(t *testing.T, path string) {
	t.Helper()
	store, name, err := local.Open(path, local.Journals(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	data, info, err := store.Read(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Write(t.Context(), name, append(data, "more"...), info.Revision); err != nil {
		t.Fatal(err)
	}
	if got := get(t, path); got != string(data)+"more" {
		t.Errorf("holds %q", got)
	}
}

func TestLinksStayLinks(t *testing.T) {
	t.Parallel()
	dir, far := t.TempDir(), t.TempDir()
	target := filepath.Join(far, "real.ipynb")
	put(t, target, []byte("x"))
	for name, to := range map[string]string{"absolute": target, "chain": "absolute"} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(far, filepath.Join(dir, "folder")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"absolute", "chain", "folder/real.ipynb"} {
		resave(t, filepath.Join(dir, name))
	}
	if got := get(t, target); got != "xmoremoremore" {
		t.Errorf("the target holds %q", got)
	}
	for name, want := range map[string]string{"absolute": target, "chain": "absolute", "folder": far} {
		if got, err := os.Readlink(filepath.Join(dir, name)); got != want {
			t.Errorf("%s leads to %q, %v", name, got, err)
		}
	}
}

func TestLinkToNothingIsWrittenThrough(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Symlink("later.ipynb", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	store := open(t, dir)
	if _, err := store.Write(t.Context(), "link", []byte("x"), storage.None); err != nil {
		t.Fatal(err)
	}
	if got := get(t, filepath.Join(dir, "later.ipynb")); got != "x" {
		t.Errorf("the target holds %q", got)
	}
	if _, err := os.Readlink(filepath.Join(dir, "link")); err != nil {
		t.Error(err)
	}
}

func TestHardLinksStayOneFile(t *testing.T) {
	t.Parallel()
	path, link := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")
	put(t, path, []byte("x"))
	if err := os.Link(path, link); err != nil {
		t.Fatal(err)
	}
	resave(t, path)
	resave(t, link)
	sameInode(t, path, link)
	if got := get(t, path); got != "xmoremore" {
		t.Errorf("holds %q", got)
	}
	if left := list(t, filepath.Dir(path)); len(left) != 1 {
		t.Errorf("left: %q", left)
	}
}

func TestModeAndOwnerAreKept(t *testing.T) {
	t.Parallel()
	for _, mode := range []uint32{0o644, 0o600, 0o664, 0o777, 0o640, 0o4755, 0o2750, 0o1644} {
		for _, links := range []int{1, 2} {
			path := filepath.Join(t.TempDir(), "a")
			put(t, path, []byte("x"))
			if os.Geteuid() == 0 {
				if err := os.Chown(path, 1234, 4321); err != nil {
					t.Fatal(err)
				}
			}
			if err := unix.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
			if links > 1 {
				if err := os.Link(path, path+"2"); err != nil {
					t.Fatal(err)
				}
			}
			before := stat(t, path)
			resave(t, path)
			after := stat(t, path)
			if after.Mode != before.Mode || after.Uid != before.Uid || after.Gid != before.Gid {
				t.Errorf("mode %o, links %d: was %o %d:%d, is %o %d:%d", mode, links,
					before.Mode, before.Uid, before.Gid, after.Mode, after.Uid, after.Gid)
			}
			if replaced := after.Ino != before.Ino; replaced != (links == 1) {
				t.Errorf("mode %o, links %d: replaced: %v", mode, links, replaced)
			}
		}
	}
}

func TestNewFilesFollowTheUmask(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, filepath.Join(dir, "by the system"), nil)
	if err := os.Chmod(filepath.Join(dir, "by the system"), 0o644); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(filepath.Join(dir, "reference"), os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		t.Fatal(err)
	}
	file.Close()
	if _, err := open(t, dir).Write(t.Context(), "a", nil, storage.None); err != nil {
		t.Fatal(err)
	}
	if got, want := stat(t, filepath.Join(dir, "a")).Mode, stat(t, file.Name()).Mode; got != want {
		t.Errorf("mode %o, want %o", got, want)
	}
}

func TestAttributesAndAccessListsAreKept(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a")
	put(t, path, []byte("x"))
	want := map[string]string{"user.origin": "s3://bucket/key", "user.empty": "", "user.bytes": "\x00\xff"}
	if acl := accessList(0o6, 1234, 0o4); unix.Setxattr(path, "system.posix_acl_access", acl, 0) == nil {
		want["system.posix_acl_access"] = string(acl)
	} else {
		t.Log("this disk has no access lists")
	}
	for name, value := range want {
		if err := unix.Setxattr(path, name, []byte(value), 0); err != nil {
			t.Skipf("this disk has no extended attributes: %v", err)
		}
	}
	before := stat(t, path)
	resave(t, path)
	for name, value := range want {
		buf := make([]byte, 200)
		n, err := unix.Getxattr(path, name, buf)
		if err != nil || string(buf[:n]) != value {
			t.Errorf("%s is %q, %v; was %q", name, buf[:max(n, 0)], err, value)
		}
	}
	if after := stat(t, path); after.Mode != before.Mode || after.Ino == before.Ino {
		t.Errorf("mode was %o, is %o; replaced: %v", before.Mode, after.Mode, after.Ino != before.Ino)
	}
}

// A folder's default access list is for new files, not for old ones that are saved.
func TestAccessListIsNotInherited(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	put(t, path, []byte("x"))
	if err := unix.Setxattr(dir, "system.posix_acl_default", accessList(0o7, 1234, 0o7), 0); err != nil {
		t.Skipf("this disk has no access lists: %v", err)
	}
	before := stat(t, path)
	resave(t, path)
	if n, err := unix.Getxattr(path, "system.posix_acl_access", make([]byte, 200)); !errors.Is(err, unix.ENODATA) {
		t.Errorf("has an access list of %d bytes, %v", n, err)
	}
	if after := stat(t, path); after.Mode != before.Mode || after.Ino == before.Ino {
		t.Errorf("mode was %o, is %o; replaced: %v", before.Mode, after.Mode, after.Ino != before.Ino)
	}
}

// accessList is a POSIX access list as the kernel wants it: owner, one named user, the
// owning group and a mask, others nothing.
func accessList(owner uint16, user uint32, rights uint16) []byte {
	list := binary.LittleEndian.AppendUint32(nil, 2) // version
	add := func(tag, perm uint16, id uint32) {
		list = binary.LittleEndian.AppendUint16(list, tag)
		list = binary.LittleEndian.AppendUint16(list, perm)
		list = binary.LittleEndian.AppendUint32(list, id)
	}
	const none = 1<<32 - 1
	add(0x01, owner, none)
	add(0x02, rights, user)
	add(0x04, 0o4, none)
	add(0x10, 0o4|rights, none)
	add(0x20, 0, none)
	return list
}

func TestSharedFileOfAnotherOwnerKeepsIt(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can make a file of another user")
	}
	path := filepath.Join(publicDir(t), "a.ipynb")
	put(t, path, version(1, 5000))
	if err := os.Chown(path, 1234, nobody); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o664); err != nil {
		t.Fatal(err)
	}
	before := stat(t, path)
	if kind, sentence := (job{Do: "save", Path: path, Journals: "/nonexistent", Size: 5000, Times: 1}).asUser(t); kind != "" {
		t.Fatal(sentence)
	}
	after := stat(t, path)
	if n, err := versionOf([]byte(get(t, path))); n != 2 {
		t.Errorf("version %d, %v", n, err)
	}
	if after.Uid != 1234 || after.Mode != before.Mode || after.Ino != before.Ino {
		t.Errorf("was %+v, is %+v", before, after)
	}
	if left := list(t, filepath.Dir(path)); len(left) != 1 {
		t.Errorf("left: %q", left)
	}
}

func TestWritableFileOfClosedFolderIsSaved(t *testing.T) {
	t.Parallel()
	dir := publicDir(t)
	path := filepath.Join(dir, "a.ipynb")
	journals := publicDir(t)
	put(t, path, version(1, 5000))
	give(t, path, 0o644)
	give(t, dir, 0o555)
	before := stat(t, path)
	if kind, sentence := (job{Do: "save", Path: path, Journals: journals, Size: 5000, Times: 1}).asUser(t); kind != "" {
		t.Fatal(sentence)
	}
	if n, err := versionOf([]byte(get(t, path))); n != 2 || stat(t, path).Ino != before.Ino {
		t.Errorf("version %d, %v", n, err)
	}
	if left := append(list(t, dir), list(t, journals)...); len(left) != 1 {
		t.Errorf("left: %q", left)
	}
}

func TestRefusalsNameTheReasonAndChangeNothing(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name             string
		file, folder     os.FileMode
		do, kind, reason string
	}{
		{"read-only file", 0o444, 0o755, "save", "readonly", "the file is read-only (mode -r--r--r--)"},
		{"file of no write to its owner", 0o464, 0o755, "save", "permission", "permission denied: the file belongs to user"},
		{"unreadable file", 0o000, 0o755, "save", "permission", "permission denied"},
		{"read-only file in a read-only folder", 0o444, 0o555, "save", "readonly", "the file is read-only"},
		{"new file in a read-only folder", 0, 0o555, "create", "permission", "permission denied"},
		{"folder closed to all", 0o644, 0o000, "save", "permission", "permission denied: its folder is closed to you"},
		{"no safety copy", 0o644, 0o555, "save", "permission", "there is no place for a safety copy"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := publicDir(t)
			path := filepath.Join(dir, "a.ipynb")
			if test.do != "create" {
				put(t, path, version(1, 5000))
				give(t, path, test.file)
			}
			give(t, dir, test.folder)
			kind, sentence := job{Do: test.do, Path: path, Journals: "/nonexistent", Size: 5000, Times: 1}.asUser(t)
			if kind != test.kind || !strings.Contains(sentence, path+": ") || !strings.Contains(sentence, test.reason) {
				t.Errorf("%s: %q", kind, sentence)
			}
			give(t, dir, 0o755)
			if test.do == "create" {
				if left := list(t, dir); len(left) != 0 {
					t.Errorf("left: %q", left)
				}
				return
			}
			give(t, path, 0o644)
			if n, err := versionOf([]byte(get(t, path))); n != 1 || len(list(t, dir)) != 1 {
				t.Errorf("version %d, %v; folder %q", n, err, list(t, dir))
			}
		})
	}
}

// give makes path belong to the user of asUser, with a mode.
func give(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if os.Geteuid() == 0 {
		if err := os.Chown(path, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func stat(t *testing.T, path string) *syscall.Stat_t {
	t.Helper()
	var s syscall.Stat_t
	if err := syscall.Stat(path, &s); err != nil {
		t.Fatal(err)
	}
	return &s
}
