package gateway_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"nbterm/engine/kernel"
	"nbterm/engine/kernel/gateway"
	"nbterm/engine/kernel/gateway/gatewaytest"
	"nbterm/engine/kernel/kerneltest"
	"nbterm/engine/kernel/spec"
	"nbterm/engine/wire"
)

// tokenEnv is where these tests keep tokens; Options.Env sets it.
const tokenEnv = "GATEWAY_TEST_TOKEN"

// on is a kernelspec of the server at url.
func on(url, name string) spec.Spec {
	return spec.Spec{Name: name, Remote: &spec.Remote{URL: url, TokenEnv: tokenEnv}}
}

// launcher gives the tests' token to every launch.
func launcher(p gateway.Patience) kernel.Launcher {
	return func(ctx context.Context, o kernel.Options) (kernel.Kernel, error) {
		o.Env = append(o.Env, tokenEnv+"="+gatewaytest.Token)
		return gateway.With(p)(ctx, o)
	}
}

// start launches a kernel that is shut down with the test.
func start(t testing.TB, s spec.Spec) (kernel.Kernel, *kerneltest.Client) {
	t.Helper()
	stamp := stampOf()
	k, err := launcher(gateway.Patience{Refused: time.Second, Silent: 20 * time.Second})(t.Context(), kernel.Options{Spec: s, Timeout: kerneltest.Patience, Stamp: stamp})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), kerneltest.Patience)
		defer cancel()
		_ = k.Shutdown(ctx) // some tests take the server away
		for range k.Messages() {
		}
	})
	return k, kerneltest.NewClient(t, k, stamp)
}

var sessions atomic.Int64

func stampOf() wire.Stamp {
	session := fmt.Sprintf("gatewaytest%d", sessions.Add(1))
	var n atomic.Int64
	return wire.Stamp{Session: session, Username: "test", Now: time.Now, NewID: func() string { return fmt.Sprintf("%s-%d", session, n.Add(1)) }}
}
