package s3server

import (
	"fmt"
	"io"
	"net"
	"time"

	"github.com/versity/versitygw/s3api"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
)

// The defaults of the credentials and the region.
const (
	DefaultAccessKey = "test"
	DefaultSecretKey = "testtest"
	DefaultRegion    = "us-east-1"
)

// Option configures a server at [New].
type Option func(*config)

type config struct {
	addr         string
	accessKey    string
	secretKey    string
	region       string
	anonymous    bool
	token        string
	log          io.Writer
	accounts     []Account
	intercept    func(*Request) *Fault
	storeOptions []memdriver.Option
	layerOptions []s3api.Option // tests have more
	maxForks     int
	maxSnapshots int
	readTimeout  time.Duration
	idleTimeout  time.Duration
}

// Account is a user beside the root account: of a bucket he does only what its
// owner, its ACL and its policy permit. Neither key may be empty.
type Account struct {
	AccessKey, SecretKey string
	// Admin permits everything.
	Admin bool
}

func defaults() config {
	return config{
		addr:         "127.0.0.1:0",
		accessKey:    DefaultAccessKey,
		secretKey:    DefaultSecretKey,
		region:       DefaultRegion,
		maxForks:     10_000,
		maxSnapshots: 10_000,
		readTimeout:  5 * time.Minute,
		idleTimeout:  2 * time.Minute,
	}
}

// WithAddr listens on an address instead of a free port of 127.0.0.1. On an address
// that other machines reach, the control API wants a token; see [WithToken].
func WithAddr(addr string) Option { return func(c *config) { c.addr = addr } }

// WithCredentials sets the keys of the root account, which may do everything. Neither
// may be empty.
func WithCredentials(accessKey, secretKey string) Option {
	return func(c *config) { c.accessKey, c.secretKey = accessKey, secretKey }
}

// WithRegion sets the region that clients sign for.
func WithRegion(region string) Option { return func(c *config) { c.region = region } }

// WithAnonymous treats a request that is not signed as the root account's. A
// request that is signed must be signed right.
func WithAnonymous() Option { return func(c *config) { c.anonymous = true } }

// WithAccounts adds accounts beside the root account.
func WithAccounts(accounts ...Account) Option {
	return func(c *config) { c.accounts = append(c.accounts, accounts...) }
}

// WithToken makes the control API and the console accept requests that bear the
// token, from anywhere, and not only those of the same origin. A program sends it as
// a bearer token. A browser asks for it as a password; any user name will do.
func WithToken(token string) Option { return func(c *config) { c.token = token } }

// WithLog writes a line for each request to w.
func WithLog(w io.Writer) Option { return func(c *config) { c.log = w } }

// WithIntercept calls f before each S3 request, from the request's goroutine, and
// answers with the fault that it returns; nil lets the request through.
func WithIntercept(f func(*Request) *Fault) Option { return func(c *config) { c.intercept = f } }

// WithForkOptions opens the stores of forks with options, such as the clock that the
// store has.
func WithForkOptions(opts ...memdriver.Option) Option {
	return func(c *config) { c.storeOptions = opts }
}

// check returns an error for an account without a key, in whose name anyone
// could sign.
func (c *config) check() error {
	for _, a := range append([]Account{{AccessKey: c.accessKey, SecretKey: c.secretKey}}, c.accounts...) {
		switch {
		case a.AccessKey == "":
			return fmt.Errorf("%w: an access key is empty", storage.ErrInvalid)
		case a.SecretKey == "":
			return fmt.Errorf("%w: the secret key of the access key %q is empty", storage.ErrInvalid, a.AccessKey)
		}
	}
	return nil
}

// forkAddr returns the address of a fork: any port of the same host.
func (c *config) forkAddr() string {
	host, _, err := net.SplitHostPort(c.addr)
	if err != nil {
		return "127.0.0.1:0"
	}
	return net.JoinHostPort(host, "0")
}
