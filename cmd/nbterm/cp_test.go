package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"nbterm/storage/s3/s3test"
)

// The scripts under testdata/store drive the real binary against a real S3 server.
func TestScriptOnStores(t *testing.T) {
	t.Parallel()
	url := s3test.Gateway(t, "team")
	testscript.Run(t, testscript.Params{
		Dir: "testdata/store",
		Setup: func(env *testscript.Env) error {
			env.Setenv("S3", url)
			env.Setenv("AWS_ENDPOINT_URL", url)
			env.Setenv("AWS_ACCESS_KEY_ID", s3test.Access)
			env.Setenv("AWS_SECRET_ACCESS_KEY", s3test.Secret)
			env.Setenv("AWS_REGION", s3test.Region)
			env.Setenv("AWS_EC2_METADATA_DISABLED", "true")
			env.Setenv("USER", "zoe")
			return setupScript(env)
		},
		Condition:           condition,
		RequireExplicitExec: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": cmdExits,
		},
	})
}
