package config

import (
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
)

// S3 is how buckets are reached. What is "" comes from AWS's own variables and files.
type S3 struct {
	Profile   string
	Region    string
	Endpoint  string // URL of another server than Amazon's
	PathStyle string // "auto", "yes" or "no": the bucket stands in the path of the URL
	Anonymous bool   // sign nothing
	ACL       string // canned, of what is written
	SSE       string // "", "AES256" or "aws:kms"
	KMSKey    string
}

// Server is a Jupyter Server whose files are reached as jupyter://NAME/path.
type Server struct {
	URL      string
	TokenEnv string // the variable that holds its token; "" is JUPYTER_TOKEN
}

// Places are where notebooks are besides the disk. Their keys hold names that the user
// made up:
//
//	[mounts]
//	home = "/mnt/efs"               # efs://home/USER/report.ipynb
//	[servers.lab]
//	url = "https://hub.example/user/zoe/"
//	[s3.my-bucket]                  # what differs from [s3] for this one
//	endpoint = "https://s3.example"
type Places struct {
	Mounts  map[string]string // folder by name
	Servers map[string]Server
	Buckets map[string]S3
}

func noPlaces() Places {
	return Places{Mounts: map[string]string{}, Servers: map[string]Server{}, Buckets: map[string]S3{}}
}

// s3Settings are the keys of [s3], which those of [s3.BUCKET] repeat.
func s3Settings() []Setting {
	return []Setting{
		text("s3.profile", "AWS profile for s3://; empty is AWS_PROFILE's",
			func(c *Config) *string { return &c.S3.Profile }),
		text("s3.region", "region of buckets whose server does not tell; empty is AWS_REGION's",
			func(c *Config) *string { return &c.S3.Region }),
		text("s3.endpoint", "URL of another S3 server than Amazon's; empty is AWS_ENDPOINT_URL's",
			func(c *Config) *string { return &c.S3.Endpoint }),
		choice("s3.path_style", "the bucket stands in the path; auto does so for other servers than Amazon's",
			func(c *Config) *string { return &c.S3.PathStyle }, "auto", "yes", "no"),
		truth("s3.anonymous", "sign nothing, for public buckets",
			func(c *Config) *bool { return &c.S3.Anonymous }),
		choice("s3.acl", "access of what is written",
			func(c *Config) *string { return &c.S3.ACL }, "", "private", "bucket-owner-full-control", "bucket-owner-read", "authenticated-read", "public-read"),
		choice("s3.sse", "encryption of what is written; empty is the bucket's own",
			func(c *Config) *string { return &c.S3.SSE }, "", "AES256", "aws:kms"),
		text("s3.kms_key", "key for aws:kms; empty is the account's",
			func(c *Config) *string { return &c.S3.KMSKey }),
	}
}

// place takes an entry whose key holds a name. It reports whether it was one.
func (l *loader) place(where string, e entry) bool {
	section, rest, _ := strings.Cut(e.key, ".")
	dot := strings.LastIndexByte(rest, '.') // a bucket's name may hold dots
	switch {
	case rest == "":
		return false
	case section == "mounts":
		l.mount(where, rest, e)
	case section == "servers" && dot > 0:
		l.server(where, rest[:dot], rest[dot+1:], e)
	case section == "s3" && dot > 0:
		l.bucket(where, rest[:dot], e)
	default:
		return false
	}
	return true
}

func (l *loader) mount(where, name string, e entry) {
	folder, ok := asText(e.value)
	if !ok || !filepath.IsAbs(folder) && !strings.HasPrefix(folder, "~/") || strings.ContainsAny(folder, "\n\r\x00") {
		l.fault(where, e.key, "is %s, but must be the absolute path of a folder", shown(e.value))
		return
	}
	if strings.ContainsAny(name, "/?#% ") {
		l.fault(where, e.key, "cannot stand in efs://%s/", name)
		return
	}
	l.out.Mounts[name] = folder
	l.out.origins[e.key] = Origin{"file", where}
}

func (l *loader) server(where, name, field string, e entry) {
	s := l.out.Servers[name]
	value, ok := asText(e.value)
	switch field {
	case "url":
		u, err := url.Parse(value)
		if ok = ok && err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""; !ok {
			l.fault(where, e.key, "is %s, but must be a URL such as \"http://localhost:8888/\"", shown(e.value))
			return
		}
		s.URL = value
	case "token_env":
		if !ok || strings.ContainsAny(value, "= \n\x00") {
			l.fault(where, e.key, "is %s, but must be the name of a variable that holds the token", shown(e.value))
			return
		}
		s.TokenEnv = value
	default:
		l.faults = append(l.faults, unknown(where, e.key, []string{"servers." + name + ".url", "servers." + name + ".token_env"}))
		return
	}
	l.out.Servers[name] = s
	l.out.origins[e.key] = Origin{"file", where}
}

// bucket sets one key of [s3.BUCKET]. What is not set there is as in [s3].
func (l *loader) bucket(where, name string, e entry) {
	var known []string
	for _, s := range s3Settings() {
		key := "s3." + name + strings.TrimPrefix(s.Key, "s3")
		if known = append(known, key); key != e.key {
			continue
		}
		one, ok := l.out.Buckets[name]
		if !ok {
			one = Default().S3
		}
		c := Config{S3: one}
		if !s.set(&c, e.value) {
			l.fault(where, e.key, "is %s, but must be %s", shown(e.value), s.Allowed)
			return
		}
		l.out.Buckets[name] = c.S3
		l.out.origins[e.key] = Origin{"file", where}
		return
	}
	l.faults = append(l.faults, unknown(where, e.key, known))
}

// Bucket is how a bucket is reached.
func (l Loaded) Bucket(name string) S3 {
	c := Config{S3: l.S3}
	one := Config{S3: l.Buckets[name]}
	for _, s := range s3Settings() {
		if _, set := l.origins["s3."+name+strings.TrimPrefix(s.Key, "s3")]; set {
			s.set(&c, s.get(&one))
		}
	}
	return c.S3
}

// placeRows lists the keys that hold names.
func (l Loaded) placeRows() []Row {
	var rows []Row
	add := func(key string, value any) {
		if _, set := l.origins[key]; set {
			rows = append(rows, Row{key, value, l.origin(key)})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(l.Mounts)) {
		add("mounts."+name, l.Mounts[name])
	}
	for _, name := range slices.Sorted(maps.Keys(l.Servers)) {
		add("servers."+name+".url", l.Servers[name].URL)
		add("servers."+name+".token_env", l.Servers[name].TokenEnv)
	}
	for _, name := range slices.Sorted(maps.Keys(l.Buckets)) {
		c := Config{S3: l.Buckets[name]}
		for _, s := range s3Settings() {
			add("s3."+name+strings.TrimPrefix(s.Key, "s3"), s.get(&c))
		}
	}
	return rows
}
