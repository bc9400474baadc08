package s3server

import (
	"errors"
	"io"
	"net"
	"reflect"
	"unsafe"

	"github.com/gofiber/fiber/v3"
	"github.com/valyala/fasthttp"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3api"
	"github.com/versity/versitygw/s3api/middlewares"
)

// newProtocol returns the HTTP server of the protocol layer, versitygw's s3api, over
// a back end. Nothing listens yet.
func newProtocol(b backend.Backend, a *accounts, c *config) (*fasthttp.Server, error) {
	root := middlewares.RootUserConfig{Access: c.accessKey, Secret: c.secretKey}
	options := append([]s3api.Option{
		s3api.WithQuiet(), s3api.WithKeepAlive(), s3api.WithConcurrencyLimiter(maxConnections, maxConnections),
	}, c.layerOptions...)
	layer, err := s3api.New(b, root, c.region, a, nil, nil, nil, nil, options...)
	if err != nil {
		return nil, err
	}
	app, err := appOf(layer)
	if err != nil {
		return nil, err
	}
	server := app.Server()
	server.Handler = app.Handler()
	server.Name = "s3server"
	server.ReadTimeout, server.IdleTimeout = c.readTimeout, c.idleTimeout
	report := server.ErrorHandler
	server.ErrorHandler = func(ctx *fasthttp.RequestCtx, err error) {
		var network *net.OpError
		if !errors.Is(err, io.ErrUnexpectedEOF) && !errors.As(err, &network) { // the client is gone, which the layer prints
			report(ctx, err)
		}
	}
	return server, nil
}

// appOf returns the fiber application of the layer. The layer can only listen on
// addresses, by which the port it gets is not learnt, and stops by polling; with the
// application it is served on a listener of ours. The field is not exported, so
// another version of the layer may not have it: that is an error, which every test
// of this package meets.
func appOf(layer *s3api.S3ApiServer) (*fiber.App, error) {
	f := reflect.ValueOf(layer).Elem().FieldByName("app")
	if !f.IsValid() || f.Type() != reflect.TypeFor[*fiber.App]() {
		return nil, errors.New("s3server: this version of versitygw's s3api has no application")
	}
	return *(**fiber.App)(unsafe.Pointer(f.UnsafeAddr())), nil
}

// maxConnections is the most connections that a server serves at a time.
const maxConnections = 10_000
