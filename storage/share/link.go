package share

import (
	"crypto/subtle"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// pass is what a link carries: it opens a page, and what is below it, until a moment.
type pass struct {
	name string // within the share; "" is all of it
	end  string // Unix seconds
	key  string // signature of both
}

// linkCookie begins the names of the cookies that keep passes, so that the images of a
// page and the pages of a folder open, whose addresses carry none.
const linkCookie = "nbterm-link-"

// Link is the address, from the host on, that opens the page of name, and what is below
// it, until a moment, for whoever has it.
func (s *Server) Link(name string, until time.Time) string {
	name = strings.Trim(name, "/")
	end := strconv.FormatInt(until.Unix(), 10)
	q := url.Values{"until": {end}, "for": {name}, "key": {s.passKey(name, end)}}
	return link("/view/", name) + "?" + q.Encode()
}

func (s *Server) passKey(name, end string) string { return sign(s.Key, "link\n"+name+"\n"+end) }

func readLink(get func(string) string) (pass, bool) {
	p := pass{get("for"), get("until"), get("key")}
	return p, p.key != ""
}

// holds says whether a pass is ours and its time has not come.
func (s *Server) holds(p pass) bool {
	n, err := strconv.ParseInt(p.end, 10, 64)
	return len(s.Key) > 0 && err == nil && s.Now().Before(time.Unix(n, 0)) &&
		subtle.ConstantTimeCompare([]byte(p.key), []byte(s.passKey(p.name, p.end))) == 1
}

// opens says whether a pass is for the page or file at an address.
func (p pass) opens(address string) bool {
	for _, prefix := range []string{"/view/", "/files/"} {
		if asked, ok := strings.CutPrefix(address, prefix); ok {
			asked = strings.Trim(asked, "/")
			return p.name == "" || asked == p.name || strings.HasPrefix(asked, p.name+"/")
		}
	}
	return false
}

// giveLink has the browser keep a pass.
func (s *Server) giveLink(w http.ResponseWriter, p pass) {
	n, err := strconv.ParseInt(p.end, 10, 64)
	if err != nil {
		return // it does not hold
	}
	value := url.Values{"until": {p.end}, "for": {p.name}, "key": {p.key}}.Encode()
	http.SetCookie(w, &http.Cookie{
		Name: linkCookie + sign(nil, p.name)[:8], Value: url.QueryEscape(value), Path: "/", Expires: time.Unix(n, 0), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

func (s *Server) holdsCookie(value, address string) bool {
	text, err := url.QueryUnescape(value)
	if err != nil {
		return false
	}
	q, err := url.ParseQuery(text)
	if err != nil {
		return false
	}
	p, ok := readLink(q.Get)
	return ok && s.holds(p) && p.opens(address)
}
