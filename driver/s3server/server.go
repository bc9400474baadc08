package s3server

import (
	"errors"
	"fmt"
	"net"
	"sync"

	"github.com/valyala/fasthttp"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/s3server/internal/gateway"
	"open-lake.dev/lib/storage/snapshot"
)

// Server is an S3 endpoint. All methods may be called from any number of
// goroutines.
type Server struct {
	config   config
	store    snapshot.Store
	accounts *accounts
	backend  gateway.Backend
	server   *fasthttp.Server
	listener *listener
	serving  sync.WaitGroup
	underway sync.RWMutex // read-locked by every request; guards closed
	closed   bool
	control  *control
	once     sync.Once
}

// New serves a store, which must have exact keys; [NewStore] opens one. It returns
// when the endpoint is ready. The store stays the caller's: closing the server does
// not close it, and what one side changes the other sees.
func New(store snapshot.Store, opts ...Option) (*Server, error) {
	c := defaults()
	for _, opt := range opts {
		opt(&c)
	}
	if store == nil {
		return nil, fmt.Errorf("s3server: %w: the store is nil", storage.ErrInvalid)
	}
	if e, ok := store.(storage.HasExactKeys); !ok || !e.ExactKeys() {
		return nil, fmt.Errorf("s3server: %w: the store has no exact keys; open it with s3server.NewStore", storage.ErrInvalid)
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("s3server: %w", err)
	}
	return start(store, c)
}

func start(store snapshot.Store, c config) (*Server, error) {
	s := &Server{config: c, store: store, accounts: newAccounts(&c), backend: mending{gateway.New(store, c.accessKey)}}
	s.control = newControl(s)
	var err error
	if s.server, err = newProtocol(s.backend, s.accounts, &c); err != nil {
		return nil, err
	}
	s.server.Handler = s.handler(s.server.Handler)
	l, err := net.Listen("tcp", c.addr)
	if err != nil {
		return nil, fmt.Errorf("s3server: %w", err)
	}
	s.listener = newListener(l)
	s.serving.Go(func() { s.server.Serve(s.listener) })
	return s, nil
}

// URL returns the address of the endpoint, such as "http://127.0.0.1:45678".
func (s *Server) URL() string { return "http://" + s.addr() }

// addr returns the host and port of the endpoint.
func (s *Server) addr() string {
	tcp := s.listener.Addr().(*net.TCPAddr)
	host := tcp.IP.String()
	if tcp.IP.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, fmt.Sprint(tcp.Port))
}

// Store returns the store that the endpoint serves.
func (s *Server) Store() snapshot.Store { return s.store }

// Region returns the region that clients sign for.
func (s *Server) Region() string { return s.config.region }

// Credentials returns the keys of the root account.
func (s *Server) Credentials() (accessKey, secretKey string) {
	return s.config.accessKey, s.config.secretKey
}

// Env returns what a client's environment needs, such as
// "AWS_ENDPOINT_URL=http://127.0.0.1:45678".
func (s *Server) Env() []string {
	return []string{
		"AWS_ENDPOINT_URL=" + s.URL(),
		"AWS_ACCESS_KEY_ID=" + s.config.accessKey,
		"AWS_SECRET_ACCESS_KEY=" + s.config.secretKey,
		"AWS_REGION=" + s.config.region,
		"AWS_DEFAULT_REGION=" + s.config.region,
	}
}

// Close stops the server and its forks. It closes the connections and waits for the
// requests that are under way to notice. Closing again is nil.
func (s *Server) Close() (err error) {
	s.once.Do(func() {
		err = errors.Join(s.control.close(), s.listener.closeAll())
		s.serving.Wait()
		s.underway.Lock()
		defer s.underway.Unlock()
		s.closed = true
	})
	return err
}

// Fork serves a store of its own that starts from a snapshot, in O(1), on a free
// port of the same host. nil is the current state. The fork is closed with the
// server, or before.
func (s *Server) Fork(snap *snapshot.Snapshot) (*Server, error) {
	if snap == nil {
		if snap = s.store.Snapshot(); snap == nil {
			return nil, fmt.Errorf("s3server: fork: %w", storage.ErrClosed)
		}
	}
	f, err := s.control.fork(snap)
	if err != nil {
		return nil, err
	}
	return f.Server, nil
}
