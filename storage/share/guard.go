package share

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// cookie is what a browser keeps of a token once it has brought it.
const cookie = "nbterm-share"

// admit lets a request in, or answers it: one that brings the token in its address is
// sent on without it, so that it stays in no history and goes to nobody as a referrer.
func (s *Server) admit(w http.ResponseWriter, r *http.Request) bool {
	if s.Token == "" {
		return true
	}
	q := r.URL.Query()
	if token := q.Get("token"); token != "" && s.is(token) {
		http.SetCookie(w, &http.Cookie{Name: cookie, Value: s.ticket(), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
		q.Del("token")
		to := *r.URL
		to.RawQuery = q.Encode()
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, to.RequestURI(), http.StatusFound)
		return false
	}
	if s.brings(r) || s.signed(r) {
		return true
	}
	w.Header().Set("WWW-Authenticate", `Bearer realm="nbterm"`)
	s.fault(w, r, http.StatusUnauthorized, "this share asks for a token; open the address that nbterm serve printed")
	return false
}

// brings says whether a request has the token in its headers, or the cookie for it.
func (s *Server) brings(r *http.Request) bool {
	kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if (strings.EqualFold(kind, "bearer") || strings.EqualFold(kind, "token")) && s.is(strings.TrimSpace(token)) {
		return true
	}
	c, err := r.Cookie(cookie)
	return err == nil && subtle.ConstantTimeCompare([]byte(c.Value), []byte(s.ticket())) == 1
}

func (s *Server) is(token string) bool {
	return subtle.ConstantTimeCompare([]byte(token), []byte(s.Token)) == 1
}

// ticket stands for the token in a cookie, which is kept longer than it should be known.
func (s *Server) ticket() string { return sign([]byte(s.Token), "cookie") }

func sign(key []byte, text string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// Link is the address, from the host on, that opens the page of name, and what is below
// it, until a moment, for whoever has it.
func (s *Server) Link(name string, until time.Time) string {
	name = strings.Trim(name, "/")
	end := strconv.FormatInt(until.Unix(), 10)
	q := url.Values{"until": {end}, "for": {name}, "key": {sign(s.Key, "link\n"+name+"\n"+end)}}
	return link("/view/", name) + "?" + q.Encode()
}

// signed says whether a request comes by a link that still holds.
func (s *Server) signed(r *http.Request) bool {
	if len(s.Key) == 0 {
		return false
	}
	q := r.URL.Query()
	name, end := q.Get("for"), q.Get("until")
	n, err := strconv.ParseInt(end, 10, 64)
	if err != nil || !s.Now().Before(time.Unix(n, 0)) {
		return false
	}
	if subtle.ConstantTimeCompare([]byte(q.Get("key")), []byte(sign(s.Key, "link\n"+name+"\n"+end))) != 1 {
		return false
	}
	for _, prefix := range []string{"/view/", "/files/"} {
		if asked, ok := strings.CutPrefix(r.URL.Path, prefix); ok {
			asked = strings.Trim(asked, "/")
			return asked == name || strings.HasPrefix(asked, name+"/")
		}
	}
	return false
}

// fault answers with a reason.
func (s *Server) fault(w http.ResponseWriter, r *http.Request, status int, why string) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	if status == http.StatusMethodNotAllowed {
		h.Set("Allow", "GET, HEAD")
	}
	if strings.HasPrefix(r.URL.Path, "/api/") {
		h.Set("Content-Type", "application/json")
		w.WriteHeader(status)
		encode(w, map[string]string{"message": why, "reason": http.StatusText(status)})
		return
	}
	h.Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(s.Pages.Fault(status, why)) // the reader has gone
}
