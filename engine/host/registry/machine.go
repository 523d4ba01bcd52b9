package registry

import (
	"os"
	"strings"
)

// Machine tells one machine from another that has the same home folder, over NFS
// for one. The zero value is a machine that nobody asked for, and is every machine.
type Machine struct {
	Name string `json:",omitempty"` // its host name, for people
	ID   string `json:",omitempty"` // /etc/machine-id, where there is one
}

// ThisMachine is where we are.
func ThisMachine() Machine {
	name, _ := os.Hostname() // without one the id must do
	id, _ := os.ReadFile("/etc/machine-id")
	return Machine{Name: name, ID: strings.TrimSpace(string(id))}
}

// same is true unless both say something and it differs. Images of machines are
// copied with their ids and names are given twice, so either makes a difference.
func (m Machine) same(o Machine) bool {
	differ := func(a, b string) bool { return a != "" && b != "" && a != b }
	return !differ(m.Name, o.Name) && !differ(m.ID, o.ID)
}

// String is what people know the machine by.
func (m Machine) String() string {
	if m.Name == "" {
		return "another machine"
	}
	return m.Name
}

// Elsewhere lists the hosts that another machine left word of in a folder that both
// share, the latest first. Whether they live cannot be told from here: nobody here
// may attach to them, settle them or sweep them away.
func (d Dirs) Elsewhere() ([]Host, error) {
	all, err := d.read()
	var others []Host
	for _, h := range all {
		if !h.Machine.same(d.Machine) {
			others = append(others, h)
		}
	}
	return others, err
}
