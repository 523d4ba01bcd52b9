package s3

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/logging"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// usualRegion is asked where no region is named; it knows of every bucket's own.
const usualRegion = "us-east-1"

// connector makes the client at its first use, and anew when the bucket turns out to be
// in another region.
type connector struct {
	o Options

	mu     sync.Mutex // guards the rest
	client *s3.Client
	cfg    aws.Config
	region string // of the bucket, once a server told
	custom bool   // not Amazon's
}

// boto3Endpoint is what papermill's users set.
const boto3Endpoint = "BOTO3_ENDPOINT_URL"

func (c *connector) get(ctx context.Context) (*s3.Client, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.client != nil {
		return c.client, nil
	}
	if c.cfg.HTTPClient == nil {
		cfg, err := config.LoadDefaultConfig(ctx, c.settings()...)
		if err != nil {
			return nil, err
		}
		c.cfg = cfg
	}
	if c.cfg.Region == "" {
		c.cfg.Region = usualRegion
	}
	if c.region != "" {
		c.cfg.Region = c.region
	}
	c.client = s3.NewFromConfig(c.cfg, c.shape)
	return c.client, nil
}

func (c *connector) settings() []func(*config.LoadOptions) error {
	with := []func(*config.LoadOptions) error{
		config.WithLogger(logging.Nop{}), // it would write over the screen
		config.WithHTTPClient(patientClient(c.o.Patience)),
		config.WithRetryer(func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.MaxAttempts, o.MaxBackoff = c.o.Tries, c.o.Backoff
				o.RateLimiter = ratelimit.None // the tries are few, and the usual one gives up for good after some dozens
			})
		}),
	}
	if c.o.Profile != "" {
		with = append(with, config.WithSharedConfigProfile(c.o.Profile))
	}
	if c.o.Region != "" {
		with = append(with, config.WithRegion(c.o.Region))
	}
	if c.o.Anonymous {
		with = append(with, config.WithCredentialsProvider(aws.AnonymousCredentials{}))
	} else if c.o.Credentials != nil {
		with = append(with, config.WithCredentialsProvider(c.o.Credentials))
	}
	return with
}

// shape adapts the client to another server than Amazon's: names of buckets stand in the
// path, and no checksums are added that many do not know.
func (c *connector) shape(o *s3.Options) {
	switch {
	case c.o.Endpoint != "":
		o.BaseEndpoint = aws.String(c.o.Endpoint)
	case o.BaseEndpoint == nil && os.Getenv(boto3Endpoint) != "":
		o.BaseEndpoint = aws.String(os.Getenv(boto3Endpoint))
	}
	c.custom = o.BaseEndpoint != nil
	if c.custom {
		o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
		o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
	}
	o.UsePathStyle = c.o.PathStyle == Yes || c.o.PathStyle == Usual && c.custom
	o.DisableLogOutputChecksumValidationSkipped = true
	o.UseARNRegion = true
}

// isCustom reports whether the server is another than Amazon's.
func (c *connector) isCustom() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.custom
}

// patientClient gives up on a server that says nothing for a while. A transfer may take as
// long as it takes: see body.
func patientClient(patience time.Duration) *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = min(patience, 10*time.Second) }).
		WithTransportOptions(func(t *http.Transport) {
			t.ResponseHeaderTimeout = patience
			t.MaxIdleConnsPerHost = 16
		})
}

// moved says in which other region the bucket is, "" where the error says nothing of it.
func (c *connector) moved(err error) string {
	resp, ok := errors.AsType[*smithyhttp.ResponseError](err)
	if !ok || resp.Response == nil {
		return ""
	}
	switch resp.HTTPStatusCode() {
	case http.StatusMovedPermanently, http.StatusTemporaryRedirect, http.StatusBadRequest, http.StatusForbidden:
	default:
		return ""
	}
	region := resp.Response.Header.Get("X-Amz-Bucket-Region")
	c.mu.Lock()
	defer c.mu.Unlock()
	if region == "" || region == c.cfg.Region {
		return ""
	}
	return region
}

func (c *connector) move(region string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.region, c.client = region, nil
}

// ask makes a request, and makes it again where the bucket is in another region.
func ask[T any](ctx context.Context, s *Store, request func(*s3.Client) (T, error)) (T, error) {
	for try := 0; ; try++ {
		var none T
		client, err := s.connect.get(ctx)
		if err != nil {
			return none, err
		}
		got, err := request(client)
		if err == nil {
			return got, nil
		}
		if region := s.connect.moved(err); region != "" && try == 0 {
			s.connect.move(region)
			continue
		}
		return none, err
	}
}
