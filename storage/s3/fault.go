package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"nbterm/storage"
)

// fault says in one sentence what could not be done to which object and why.
func (s *Store) fault(action, key string, err error) error {
	if err == nil {
		return nil
	}
	if conflict, ok := errors.AsType[*storage.Conflict](err); ok {
		conflict.Path = s.url(key)
		return conflict
	}
	for _, known := range []error{
		storage.ErrNotExist, storage.ErrExist, storage.ErrIsDir, storage.ErrPermission, storage.ErrUnavailable,
	} {
		if errors.Is(err, known) {
			return fmt.Errorf("%s %s: %w", action, s.url(key), err)
		}
	}
	return fmt.Errorf("%s %s: %w", action, s.url(key), s.why(err))
}

// why is the cause in words, without the SDK's chain of operations and request ids.
func (s *Store) why(err error) error {
	if errors.Is(err, context.Canceled) {
		return context.Canceled
	}
	if why := s.silence(err); why != nil {
		return why
	}
	code, message := "", ""
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		code, message = api.ErrorCode(), api.ErrorMessage()
	}
	switch code {
	case "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "RequestExpired":
		return fmt.Errorf("%w: they have expired; get new ones (for SSO: aws sso login%s)", errPlace{"the server", storage.ErrCredentials}, s.profile())
	case "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "AuthorizationHeaderMalformed", "UnrecognizedClientException":
		return fmt.Errorf("%w: %s", errPlace{"the server", storage.ErrCredentials}, strings.TrimSuffix(message, "."))
	case "RequestTimeTooSkewed":
		return fmt.Errorf("%w: the clock of this machine is wrong", errPlace{"the server", storage.ErrCredentials})
	case "NoSuchBucket":
		return fmt.Errorf("the bucket %s %w", s.bucket, storage.ErrNotExist)
	case "SlowDown", "Throttling", "TooManyRequests", "RequestLimitExceeded":
		return fmt.Errorf("%w: it asks to slow down; try again in a moment", errPlace{"the server", storage.ErrUnavailable})
	case "QuotaExceeded", "EntityTooLarge":
		return fmt.Errorf("%w: %s", storage.ErrNoSpace, message)
	case "InvalidObjectState":
		return fmt.Errorf("%w: it is archived and must be restored first", storage.ErrPermission)
	}
	return s.byStatus(err, code, message)
}

func (s *Store) byStatus(err error, code, message string) error {
	switch status(err) {
	case http.StatusNotFound:
		return storage.ErrNotExist
	case http.StatusForbidden, http.StatusUnauthorized:
		return fmt.Errorf("%w%s", storage.ErrPermission, s.who())
	case http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return fmt.Errorf("the server cannot do that (%s)", message)
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return fmt.Errorf("%w: it answers %d %s; try again in a moment", errPlace{"the server", storage.ErrUnavailable}, status(err), http.StatusText(status(err)))
	}
	if message != "" {
		return fmt.Errorf("the server says %s: %s", code, strings.TrimSuffix(message, "."))
	}
	return innermost(err)
}

// silence is why there was no answer, or none that could be asked for.
func (s *Store) silence(err error) error {
	var dns *net.DNSError
	var refused *net.OpError
	var address *url.Error
	text := err.Error()
	down := errPlace{"the server", storage.ErrUnavailable}
	switch {
	case strings.Contains(text, "SSO") && (strings.Contains(text, "expired") || strings.Contains(text, "refresh cached SSO token") || strings.Contains(text, "failed to read cached SSO")):
		return fmt.Errorf("%w: the SSO session has ended; try aws sso login%s", errPlace{"AWS", storage.ErrCredentials}, s.profile())
	case strings.Contains(text, "failed to get shared config profile"):
		return fmt.Errorf("%w: there is no profile %s in the AWS configuration", errPlace{"AWS", storage.ErrCredentials}, s.o.Profile)
	case strings.Contains(text, "get credentials") || strings.Contains(text, "get identity") || strings.Contains(text, "failed to refresh cached credentials"):
		return fmt.Errorf("%w: none were found; set AWS_PROFILE or AWS_ACCESS_KEY_ID, or ask for a public bucket with ?anonymous=1", errPlace{"AWS", storage.ErrCredentials})
	case errors.As(err, &dns):
		return fmt.Errorf("%w: there is no host %s", down, dns.Name)
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("%w: it refuses connections", down)
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		return fmt.Errorf("%w: no answer within %v", down, s.o.Patience)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return fmt.Errorf("%w: the connection broke off", down)
	case errors.As(err, &refused), errors.As(err, &address):
		return fmt.Errorf("%w: %w", down, innermost(err))
	}
	return nil
}

// errPlace lets a sentinel have a subject of its own: "the server cannot be reached".
type errPlace struct {
	subject string
	err     error
}

func (e errPlace) Error() string { return e.subject + " " + e.err.Error() }
func (e errPlace) Unwrap() error { return e.err }

// who says as whom a thing was refused.
func (s *Store) who() string {
	switch {
	case s.o.Anonymous:
		return " to anonymous readers; leave ?anonymous away to use your credentials"
	case s.o.Profile != "":
		return " to profile " + s.o.Profile
	}
	return " to these credentials"
}

func (s *Store) profile() string {
	if s.o.Profile == "" {
		return ""
	}
	return " --profile " + s.o.Profile
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

// status is the one that was answered, 0 without an answer.
func status(err error) int {
	if resp, ok := errors.AsType[*smithyhttp.ResponseError](err); ok && resp.Response != nil {
		return resp.HTTPStatusCode()
	}
	return 0
}

func isMissing(err error) bool {
	if status(err) != http.StatusNotFound {
		return false
	}
	api, ok := errors.AsType[smithy.APIError](err)
	return !ok || api.ErrorCode() != "NoSuchBucket"
}

// innermost is the cause without what was wrapped around it.
func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}
