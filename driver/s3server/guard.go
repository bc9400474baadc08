package s3server

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"open-lake.dev/lib/storage"
)

// guard lets only requests through that may use the control API, so that a web page
// elsewhere cannot, even one whose name resolves to this machine.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		if err := s.admit(r); err != nil {
			fail(w, fmt.Errorf("%w: %w", storage.ErrPermission, err))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// admit returns the reason why a request may not use the control API.
func (s *Server) admit(r *http.Request) error {
	if s.bearsToken(r) {
		return nil
	}
	own := s.listener.Addr().(*net.TCPAddr)
	switch host, port, err := net.SplitHostPort(r.Host); {
	case !own.IP.IsLoopback():
		return errors.New("on this address, requests bear a token")
	case err != nil || port != fmt.Sprint(own.Port) || host != "localhost" && !isLoopback(host):
		return fmt.Errorf("the host %q is not this server", r.Host)
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return errors.New("the request comes from another site")
	}
	if origin := r.Header.Get("Origin"); origin != "" && origin != "http://"+r.Host {
		return fmt.Errorf("the request comes from %q", origin)
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// bearsToken reports whether a request has the server's token.
func (s *Server) bearsToken(r *http.Request) bool {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return ok && s.config.token != "" && subtle.ConstantTimeCompare([]byte(token), []byte(s.config.token)) == 1
}
