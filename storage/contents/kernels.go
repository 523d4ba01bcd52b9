package contents

import (
	"context"
	"errors"
	"net/http"
	"sort"
)

// KernelSpec is a kernel that a server can start.
type KernelSpec struct {
	Name          string
	DisplayName   string
	Language      string
	InterruptMode string // "signal", "message" or ""
	Default       bool   // what the server starts when asked for none
}

// Kernel is a running kernel of a server.
type Kernel struct {
	ID           string `json:"id"`
	Name         string `json:"name"`            // of its kernelspec
	State        string `json:"execution_state"` // "starting", "idle", "busy", "dead", …
	LastActivity string `json:"last_activity"`   // ISO 8601
	Connections  int    `json:"connections"`     // WebSockets to it, of anyone
	Reason       string `json:"reason"`          // of a dead one
}

// Version asks the server who it is. It answers without a token.
func (c *Client) Version(ctx context.Context) (string, error) {
	var v struct {
		Version *string `json:"version"`
	}
	const action = "ask for the version"
	if err := c.do(ctx, action, http.MethodGet, c.Endpoint(), nil, &v); err != nil {
		return "", err
	}
	if v.Version == nil {
		return "", &Error{Action: action, Server: c.Address(), Kind: ErrNotJupyter, Why: "it does not tell a version"}
	}
	return *v.Version, nil
}

// KernelSpecs lists what the server can start, by name, its default first.
func (c *Client) KernelSpecs(ctx context.Context) ([]KernelSpec, error) {
	var list struct {
		Default string `json:"default"`
		Specs   map[string]struct {
			Name string `json:"name"`
			Spec struct {
				DisplayName   string `json:"display_name"`
				Language      string `json:"language"`
				InterruptMode string `json:"interrupt_mode"`
			} `json:"spec"`
		} `json:"kernelspecs"`
	}
	const action = "list the kernels"
	if err := c.do(ctx, action, http.MethodGet, c.Endpoint("kernelspecs"), nil, &list); err != nil {
		return nil, c.explain(ctx, err)
	}
	if list.Specs == nil {
		return nil, &Error{Action: action, Server: c.Address(), Kind: ErrNotJupyter, Why: "it lists no kernelspecs"}
	}
	specs := []KernelSpec{}
	for name, s := range list.Specs {
		specs = append(specs, KernelSpec{
			Name: name, DisplayName: s.Spec.DisplayName, Language: s.Spec.Language,
			InterruptMode: s.Spec.InterruptMode, Default: name == list.Default,
		})
	}
	sort.Slice(specs, func(i, j int) bool {
		a, b := specs[i], specs[j]
		return a.Default && !b.Default || a.Default == b.Default && a.Name < b.Name
	})
	return specs, nil
}

// Kernels lists what runs on the server.
func (c *Client) Kernels(ctx context.Context) ([]Kernel, error) {
	var list []Kernel
	err := c.do(ctx, "list the running kernels", http.MethodGet, c.Endpoint("kernels"), nil, &list)
	return list, c.explain(ctx, err)
}

// Kernel asks after one.
func (c *Client) Kernel(ctx context.Context, id string) (Kernel, error) {
	var k Kernel
	err := c.do(ctx, "ask after kernel "+id, http.MethodGet, c.Endpoint("kernels", id), nil, &k)
	return k, err
}

// StartKernel starts one by the name of its kernelspec. dir is a folder within the
// server's files, "" is its root.
func (c *Client) StartKernel(ctx context.Context, name, dir string) (Kernel, error) {
	ask := map[string]string{"name": name}
	if dir != "" {
		ask["path"] = dir
	}
	var k Kernel
	const action = "start a kernel"
	err := c.do(ctx, action, http.MethodPost, c.Endpoint("kernels"), ask, &k)
	if err == nil && k.ID == "" {
		err = &Error{Action: action, Server: c.Address(), Kind: ErrNotJupyter, Why: "it does not tell the kernel's id"}
	}
	return k, c.explain(ctx, err)
}

// InterruptKernel stops what runs.
func (c *Client) InterruptKernel(ctx context.Context, id string) error {
	return c.do(ctx, "interrupt kernel "+id, http.MethodPost, c.Endpoint("kernels", id, "interrupt"), struct{}{}, nil)
}

// RestartKernel gives a kernel a new process under the same id.
func (c *Client) RestartKernel(ctx context.Context, id string) error {
	return c.do(ctx, "restart kernel "+id, http.MethodPost, c.Endpoint("kernels", id, "restart"), struct{}{}, nil)
}

// EndKernel ends a kernel; the server takes up to ten seconds over a busy one.
func (c *Client) EndKernel(ctx context.Context, id string) error {
	return c.do(ctx, "end kernel "+id, http.MethodDelete, c.Endpoint("kernels", id), nil, nil)
}

// explain looks twice at a 404 of what every Jupyter Server has: then it is none,
// or not at that path.
func (c *Client) explain(ctx context.Context, err error) error {
	e, ok := err.(*Error) //nolint:errorlint // made by do, in this package, a moment ago
	if !ok || !errors.Is(e.Kind, ErrNotFound) {
		return err
	}
	if _, verr := c.Version(ctx); verr != nil {
		e.Kind, e.Why = ErrNotJupyter, "it has no /api; is something missing from the path of the URL?"
	}
	return err
}
