package contents

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
)

// What a caller may have to choose by; see Error.
var (
	ErrUnreachable = errors.New("cannot be reached")
	ErrRefused     = errors.New("refuses connections") // also ErrUnreachable: its machine is there, it is not
	ErrTLS         = errors.New("has a certificate that is not trusted")
	ErrToken       = errors.New("does not accept the token")
	ErrForbidden   = errors.New("does not allow it")
	ErrNotFound    = errors.New("does not have it")
	ErrConflict    = errors.New("is in another state")
	ErrNotJupyter  = errors.New("is not a Jupyter Server")
	ErrServer      = errors.New("failed")
)

// Error is a request that came to nothing: one sentence of what, where and why.
type Error struct {
	Action string // "start a kernel"
	Server string // its address, without a token
	Kind   error  // one of the above
	Status int    // of the answer, 0 without one
	Why    string // more about it, and what to try; may be ""
}

func (e *Error) Error() string {
	s := fmt.Sprintf("%s: %s %v", e.Action, e.Server, e.Kind)
	if e.Why != "" {
		s += ": " + e.Why
	}
	return s
}

// Unwrap makes errors.Is work with the kinds.
func (e *Error) Unwrap() []error {
	if errors.Is(e.Kind, ErrRefused) {
		return []error{ErrRefused, ErrUnreachable}
	}
	return []error{e.Kind}
}

// Fault turns a failed exchange into an *Error: err when there was no answer, resp
// when there was one that is no success. The end of a caller's context stays what
// it is.
func (c *Client) Fault(action string, resp *http.Response, err error) error {
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("%s: %w", action, err)
	}
	e := &Error{Action: action, Server: c.Address()}
	if resp == nil || resp.StatusCode == 0 {
		e.Kind, e.Why = c.silence(err)
		return e
	}
	e.Status = resp.StatusCode
	e.Kind, e.Why = c.refusal(resp)
	return e
}

// silence names why no answer came.
//
//nolint:revive,staticcheck // the kind is a result, not a failure
func (c *Client) silence(err error) (kind error, why string) {
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	var host x509.HostnameError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &host):
		return ErrTLS, host.Error()
	case errors.As(err, &cert):
		return ErrTLS, fmt.Sprintf("%v; SSL_CERT_FILE may name the certificates to trust", cert.Err)
	case errors.As(err, &record), strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return ErrNotJupyter, "it does not speak TLS; try http:// instead of https://"
	case errors.As(err, &dns):
		return ErrUnreachable, fmt.Sprintf("there is no host %s", dns.Name)
	case errors.Is(err, syscall.ECONNREFUSED):
		return ErrRefused, "is it running, and on that port?"
	case deadline(err):
		return ErrUnreachable, fmt.Sprintf("no answer within %v", c.timeout)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return ErrUnreachable, "the connection was closed"
	}
	return ErrUnreachable, innermost(err).Error()
}

// innermost is the cause without the URLs and verbs that net/http wraps around it.
func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

// refusal names what is wrong with an answer.
//
//nolint:revive,staticcheck // the kind is a result, not a failure
func (c *Client) refusal(resp *http.Response) (kind error, why string) {
	status := resp.StatusCode
	said := words(resp)
	switch {
	case status == http.StatusForbidden && said != "" && said != "Forbidden" && !strings.Contains(said, "_xsrf"):
		return ErrForbidden, said // without a token that counts, a server misses the cookie of a browser
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		if c.token == "" {
			return ErrToken, "it wants one; copy it from the server's own greeting, or ask `jupyter server list`"
		}
		return ErrToken, "it is wrong or has expired; `jupyter server list` shows the one of a server of yours"
	case status == http.StatusNotFound:
		return ErrNotFound, said
	case status == http.StatusConflict:
		return ErrConflict, said
	case status/100 == 3:
		return ErrNotJupyter, fmt.Sprintf("it redirects to %s", shorn(resp.Header.Get("Location")))
	case status == http.StatusBadGateway, status == http.StatusServiceUnavailable, status == http.StatusGatewayTimeout:
		return ErrUnreachable, fmt.Sprintf("what stands before it answers %s", resp.Status)
	}
	if said == "" {
		said = resp.Status
	}
	return ErrServer, said
}

// words is what a Jupyter Server says about a failure: {"message": …, "reason": …,
// "traceback": …}. The last line of a traceback says more than "Unhandled error".
func words(resp *http.Response) string {
	var told struct {
		Message   string          `json:"message"`
		Reason    string          `json:"reason"`
		Traceback json.RawMessage `json:"traceback"` // text, or a list of lines
	}
	raw, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil || json.Unmarshal(raw, &told) != nil {
		return ""
	}
	var text string
	var lines []string
	if json.Unmarshal(told.Traceback, &text) == nil {
		lines = strings.Split(strings.TrimSpace(text), "\n")
	} else if json.Unmarshal(told.Traceback, &lines) != nil {
		lines = nil
	}
	switch last := lastOf(lines); {
	case told.Reason != "":
		return told.Reason
	case last != "":
		return last
	}
	return told.Message
}

func lastOf(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return strings.TrimSpace(lines[len(lines)-1])
}
