package s3server

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/s3server/internal/console"
)

// guard lets only requests through that may use the control API and the console, so
// that a web page elsewhere cannot, even one whose name resolves to this machine.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		console.Secure(h, "default-src 'none'; frame-ancestors 'none'")
		err := s.admit(r)
		if err == nil {
			next.ServeHTTP(w, r)
			return
		}
		status := http.StatusForbidden
		if errors.Is(err, errNoToken) && s.config.token != "" {
			status = http.StatusUnauthorized
			h.Set("WWW-Authenticate", `Basic realm="s3server: the token is the password", charset="UTF-8"`)
		}
		failFor(w, r, status, fmt.Errorf("%w: %w", storage.ErrPermission, err))
	})
}

var errNoToken = errors.New("on this address, requests bear a token")

// admit returns the reason why a request may not use the control API.
func (s *Server) admit(r *http.Request) error {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && s.isToken(token) {
		return nil
	}
	if err := sameOrigin(r); err != nil {
		return err
	}
	// A browser sends a password by itself, but only to the host that a person gave
	// it for. So the host is right, and only the origin was to be looked at.
	if _, password, ok := r.BasicAuth(); ok && s.isToken(password) {
		return nil
	}
	own := s.listener.Addr().(*net.TCPAddr)
	switch host, port, err := net.SplitHostPort(r.Host); {
	case !own.IP.IsLoopback():
		return errNoToken
	case err != nil || port != fmt.Sprint(own.Port) || host != "localhost" && !isLoopback(host):
		return fmt.Errorf("the host %q is not this server", r.Host)
	}
	return nil
}

// sameOrigin returns an error for a request that a page of another origin makes a
// browser send. A link from another port of this host, such as to a fork, may be
// followed: the page that opens it cannot read it, and reading changes nothing.
func sameOrigin(r *http.Request) error {
	site := r.Header.Get("Sec-Fetch-Site")
	followed := site == "same-site" && r.Method == http.MethodGet &&
		r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
	if site != "" && site != "same-origin" && site != "none" && !followed {
		return errors.New("the request comes from another site")
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		if u, err := url.Parse(origin); err != nil || u.Host != r.Host {
			return fmt.Errorf("the request comes from %q", origin)
		}
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func (s *Server) isToken(token string) bool {
	return s.config.token != "" && subtle.ConstantTimeCompare([]byte(token), []byte(s.config.token)) == 1
}
