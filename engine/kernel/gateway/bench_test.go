package gateway_test

import (
	"testing"

	"nbterm/engine/kernel/gateway/gatewaytest"
)

// BenchmarkExecute is one trivial cell over a loopback server: reply and idle.
func BenchmarkExecute(b *testing.B) {
	for name, args := range map[string][]string{"v1": nil, "JSON": {gatewaytest.Plain}} {
		b.Run(name, func(b *testing.B) {
			_, c := start(b, on(gatewaytest.Serve(b, args...).URL, "python3"))
			for b.Loop() {
				c.Execute("1")
			}
		})
	}
}

// BenchmarkLargeOutput is one message of 50 MB.
func BenchmarkLargeOutput(b *testing.B) {
	for name, args := range map[string][]string{"v1": nil, "JSON": {gatewaytest.Plain}} {
		b.Run(name, func(b *testing.B) {
			_, c := start(b, on(gatewaytest.Serve(b, append(args, gatewaytest.Unlimited...)...).URL, "python3"))
			c.Execute("from IPython.display import display\nbig = {'text/x': 'x' * 50_000_000}")
			b.SetBytes(50_000_000)
			for b.Loop() {
				cell := c.Execute("display(big, raw=True)")
				if n := len(cell.Data("display_data", "text/x")); n != 50_000_000 {
					b.Fatalf("%d bytes", n)
				}
			}
		})
	}
}
