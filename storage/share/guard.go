package share

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
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
		if strings.HasPrefix(r.URL.Path, "/api/") {
			return true // programs bring it so, and keep no cookies
		}
		http.SetCookie(w, &http.Cookie{Name: cookie, Value: s.ticket(), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
		q.Del("token")
		to := url.URL{Path: "/" + strings.TrimLeft(r.URL.Path, "/"), RawQuery: q.Encode()}
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, to.RequestURI(), http.StatusFound)
		return false
	}
	if s.brings(r) {
		return true
	}
	if l, ok := readLink(r.URL.Query().Get); ok && s.holds(l) && l.opens(r.URL.Path) {
		s.giveLink(w, l)
		return true
	}
	for _, c := range r.Cookies() {
		if strings.HasPrefix(c.Name, linkCookie) && s.holdsCookie(c.Value, r.URL.Path) {
			return true
		}
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
