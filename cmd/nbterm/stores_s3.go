package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"nbterm/cmd/nbterm/config"
	"nbterm/storage"
	"nbterm/storage/s3"
)

// s3Place is BUCKET/KEY?OPTIONS. A key is written as it is, without percents; a question
// mark belongs to it unless what follows are options.
func (a *app) s3Place(rest string) (place, error) {
	rest, options, err := s3Options(rest)
	if err != nil {
		return place{}, err
	}
	bucket, key, _ := strings.Cut(rest, "/")
	key = strings.TrimSuffix(key, "/")
	c, err := a.placesConfig()
	if err != nil {
		return place{}, err
	}
	o := bucketOptions(c.Bucket(bucket), options)
	if bucket == "" {
		return a.accountPlace(o, options)
	}
	id := fmt.Sprintf("s3://%s %s %s %s %v", bucket, o.Profile, o.Region, o.Endpoint, o.Anonymous)
	store, err := a.stores.get(id, func() (storage.Store, error) {
		store, err := s3.New(bucket, o)
		if err != nil {
			return nil, err
		}
		return a.cached(c, store, "s3://"+bucket, id), nil
	})
	if err != nil {
		return place{}, usagef("%w", err)
	}
	p := place{store: store, name: key, url: "s3://" + bucket + "/" + key, kind: kindS3}
	if len(options) > 0 {
		p.url += "?" + options.Encode()
	}
	if version := options.Get("versionId"); version != "" {
		if past, ok := store.(storage.Versioner); ok {
			p.store = versionStore{store, past, version}
		}
	}
	return p, nil
}

// accountPlace is s3:// alone: the buckets that one's credentials see.
func (a *app) accountPlace(o s3.Options, options url.Values) (place, error) {
	id := fmt.Sprintf("s3:// %s %s %s", o.Profile, o.Region, o.Endpoint)
	store, err := a.stores.get(id, func() (storage.Store, error) { return s3.NewAccount(o) })
	if err != nil {
		return place{}, usagef("%w", err)
	}
	p := place{store: store, url: "s3://", kind: kindS3}
	if len(options) > 0 {
		p.url += "?" + options.Encode()
	}
	return p, nil
}

// s3Options parts the options from an address: versionId, anonymous, profile, region,
// endpoint.
func s3Options(rest string) (string, url.Values, error) {
	at := strings.LastIndexByte(rest, '?')
	if at < 0 {
		return rest, nil, nil
	}
	values, err := url.ParseQuery(rest[at+1:])
	if err != nil {
		return rest, nil, nil //nolint:nilerr // then it is a part of the key
	}
	for name := range values {
		switch name {
		case "versionId", "anonymous", "profile", "region", "endpoint":
		default:
			return rest, nil, nil
		}
	}
	if e := values.Get("endpoint"); e != "" {
		if u, err := url.Parse(e); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return rest, nil, usagef("s3://%s: endpoint must be a URL such as http://localhost:9000", rest[:at])
		}
	}
	return rest[:at], values, nil
}

func bucketOptions(c config.S3, with url.Values) s3.Options {
	o := s3.Options{
		Profile: c.Profile, Region: c.Region, Endpoint: c.Endpoint, Anonymous: c.Anonymous,
		ACL: c.ACL, SSE: c.SSE, KMSKey: c.KMSKey,
	}
	switch c.PathStyle {
	case "yes":
		o.PathStyle = s3.Yes
	case "no":
		o.PathStyle = s3.No
	}
	for name, field := range map[string]*string{"profile": &o.Profile, "region": &o.Region, "endpoint": &o.Endpoint} {
		if v := with.Get(name); v != "" {
			*field = v
		}
	}
	if with.Has("anonymous") {
		v := with.Get("anonymous")
		o.Anonymous = v != "0" && v != "false" && v != "no"
	}
	return o
}

// versionStore is a store in which an object is what it once was. It can only be read.
type versionStore struct {
	storage.Store
	past    storage.Versioner
	version string
}

// Read implements storage.Store.
func (s versionStore) Read(ctx context.Context, name string) ([]byte, storage.Info, error) {
	data, err := s.past.ReadVersion(ctx, name, s.version)
	if err != nil {
		return nil, storage.Info{}, err
	}
	return data, storage.Info{Path: name, Size: int64(len(data)), Revision: storage.Revision(s.version)}, nil
}

// Stat implements storage.Store.
func (s versionStore) Stat(ctx context.Context, name string) (storage.Info, error) {
	_, info, err := s.Read(ctx, name)
	return info, err
}

// Write implements storage.Store: the past cannot be changed.
func (s versionStore) Write(_ context.Context, name string, _ []byte, _ storage.Revision) (storage.Info, error) {
	return storage.Info{}, fmt.Errorf("save %s: the version %s %w", name, s.version, storage.ErrReadOnly)
}
