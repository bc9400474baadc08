// Command s3mem serves S3 from memory, for tests in any language.
//
//	$ go run ./cmd/s3mem -buckets photos
//	export AWS_ENDPOINT_URL=http://127.0.0.1:38211
//	export AWS_ACCESS_KEY_ID=test
//	…
//
// Once it prints, it is ready. It ends at an interrupt. Snapshots are taken, restored
// and forked over HTTP under /_/, which is a console in a browser.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/versity/versitygw/s3api/utils"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/driver/s3server"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "s3mem:", err)
		}
		os.Exit(2)
	}
}

// settings are what the flags say.
type settings struct {
	addr, load, save     string
	accessKey, secretKey string
	token, buckets, time string
	anonymous, log       bool
	maxBytes             int64
}

func parse(args []string, output io.Writer) (s settings, err error) {
	f := flag.NewFlagSet("s3mem", flag.ContinueOnError)
	f.SetOutput(output)
	f.StringVar(&s.addr, "addr", "127.0.0.1:0", "listen on `host:port`; port 0 is a free one")
	f.StringVar(&s.load, "load", "", "start from a `directory`, whose directories are the buckets, or from a saved snapshot")
	f.StringVar(&s.save, "save", "", "save a snapshot to a `file` at the end")
	f.StringVar(&s.accessKey, "access-key", s3server.DefaultAccessKey, "access `key` of the root account")
	f.StringVar(&s.secretKey, "secret-key", s3server.DefaultSecretKey, "secret `key` of the root account")
	f.StringVar(&s.token, "token", "", "`token` that the control API accepts from other machines; in a browser, the password")
	f.BoolVar(&s.anonymous, "anonymous", false, "accept requests that are not signed")
	f.StringVar(&s.buckets, "buckets", "", "create buckets, `names` with commas between")
	f.Int64Var(&s.maxBytes, "max-bytes", 0, "refuse to hold more than `n` bytes")
	f.StringVar(&s.time, "time", "", "stop the clock of the objects at a `time` as in RFC 3339")
	f.BoolVar(&s.log, "log", false, "log requests")
	if err := f.Parse(args); err != nil {
		return s, err
	}
	switch {
	case f.NArg() > 0:
		return s, fmt.Errorf("unknown argument %q", f.Arg(0))
	case s.maxBytes < 0:
		return s, fmt.Errorf("-max-bytes: %d is negative", s.maxBytes)
	}
	return s, s.checkSave()
}

// run serves until ctx is done.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	s, err := parse(args, stderr)
	if err != nil {
		return err
	}
	opts, err := s.storeOptions()
	if err != nil {
		return err
	}
	store := s3server.NewStore(opts...)
	defer store.Close()
	if err := s.createBuckets(ctx, store); err != nil {
		return err
	}
	srv, err := s3server.New(store, s.serverOptions(stderr, opts)...)
	if err != nil {
		return err
	}
	defer srv.Close()
	for _, env := range srv.Env() {
		fmt.Fprintln(stdout, "export", env)
	}
	<-ctx.Done()
	return s.saveTo(store.Snapshot())
}

// storeOptions returns the options of the store and of its forks.
func (s *settings) storeOptions() (opts []memdriver.Option, err error) {
	if s.time != "" {
		t, err := time.Parse(time.RFC3339, s.time)
		if err != nil {
			return nil, fmt.Errorf("-time: %w", err)
		}
		opts = append(opts, memdriver.WithClock(func() time.Time { return t }))
	}
	if s.maxBytes > 0 {
		opts = append(opts, memdriver.WithMaxBytes(s.maxBytes))
	}
	if s.load == "" {
		return opts, nil
	}
	snap, err := load(s.load)
	if err != nil {
		return nil, fmt.Errorf("-load: %w", err)
	}
	if s.maxBytes > 0 && snap.Bytes() > s.maxBytes {
		return nil, fmt.Errorf("-load: %s holds %d bytes, -max-bytes is %d", s.load, snap.Bytes(), s.maxBytes)
	}
	return append(opts, memdriver.WithSnapshot(snap)), nil
}

func (s *settings) serverOptions(log io.Writer, forks []memdriver.Option) []s3server.Option {
	opts := []s3server.Option{
		s3server.WithAddr(s.addr),
		s3server.WithCredentials(s.accessKey, s.secretKey),
		s3server.WithToken(s.token),
		s3server.WithForkOptions(forks...),
	}
	if s.anonymous {
		opts = append(opts, s3server.WithAnonymous())
	}
	if s.log {
		opts = append(opts, s3server.WithLog(log))
	}
	return opts
}

func (s *settings) createBuckets(ctx context.Context, store storage.Storage) error {
	for name := range strings.SplitSeq(s.buckets, ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		if !utils.IsValidBucketName(name) {
			return fmt.Errorf("-buckets: %q is not the name of a bucket, 3 to 63 letters, digits, dots and hyphens", name)
		}
		if _, err := store.CreateBucket(ctx, name, nil); err != nil && !errors.Is(err, storage.ErrExist) {
			return err
		}
	}
	return nil
}
