#!/bin/sh
# generate.sh bundles MathJax, at the version of package.json and
# package-lock.json, into mathjax.js.gz, and gathers the licences of all that is in it
# into LICENSES. Needs npm and its registry; the product needs neither.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp package.json package-lock.json entry.js "$work"
(cd "$work" && npm ci --silent --no-audit --no-fund)
"$work/node_modules/.bin/esbuild" "$work/entry.js" --bundle --minify --format=iife --platform=browser --target=es2020 \
  --legal-comments=none --define:process.env.NODE_ENV='"production"' --metafile="$work/meta.json" --log-level=warning --outfile="$work/mathjax.js"
gzip -9 -n -c "$work/mathjax.js" > mathjax.js.gz
node -e '
const fs = require("fs"), path = require("path"), work = process.argv[1];
const inputs = Object.keys(JSON.parse(fs.readFileSync(path.join(work, "meta.json"))).inputs);
const names = [...new Set(inputs.map((f) => (/.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(f) || [])[1]).filter(Boolean))].sort();
let out = "mathjax.js.gz is bundled from the packages below, each under its licence.\n";
for (const name of names) {
  const dir = path.join(work, "node_modules", name), meta = JSON.parse(fs.readFileSync(path.join(dir, "package.json")));
  const file = fs.readdirSync(dir).find((f) => /^licen[cs]e/i.test(f));
  out += `\n== ${name} ${meta.version} (${meta.license})\n\n` + (file ? fs.readFileSync(path.join(dir, file), "utf8").trim() : "") + "\n";
}
fs.writeFileSync("LICENSES", out);
' "$work"
ls -l mathjax.js.gz LICENSES
