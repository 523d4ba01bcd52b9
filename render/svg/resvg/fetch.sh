#!/bin/sh
# Fetches the wasm of resvg from the npm registry and compresses it. Run by go
# generate, never by a build.
set -eu
version=2.6.2
sum=$(sed -n 's/^const wasmSum = "\(.*\)"$/\1/p' embed.go)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
(cd "$dir" && npm pack --silent "@resvg/resvg-wasm@$version" >/dev/null && tar xzf ./*.tgz)
echo "$sum  $dir/package/index_bg.wasm" | sha256sum -c -
gzip -9nc "$dir/package/index_bg.wasm" >resvg/resvg.wasm.gz
