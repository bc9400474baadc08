package s3driver

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/testservers"
)

func TestWrongKey(t *testing.T) {
	onServices(t, func(t *testing.T, s *testservers.Service) {
		bucket := newBucket(t, s)
		const secret = "not-the-secret-at-all"
		t.Setenv("AWS_SECRET_ACCESS_KEY", secret)
		_, err := storage.Open(t.Context(), nameOf(s, bucket))
		require.ErrorIs(t, err, storage.ErrPermission)
		require.ErrorContains(t, err, "SignatureDoesNotMatch")
		require.NotContains(t, err.Error(), secret)

		t.Setenv("AWS_ACCESS_KEY_ID", "nobody")
		_, err = storage.Open(t.Context(), nameOf(s, bucket))
		require.ErrorIs(t, err, storage.ErrPermission)
	})
}

func TestMissingBucket(t *testing.T) {
	onServices(t, func(t *testing.T, s *testservers.Service) {
		_, err := storage.Open(t.Context(), nameOf(s, "no-such-bucket"))
		require.ErrorIs(t, err, storage.ErrNoBucket)
		require.ErrorContains(t, err, "no-such-bucket")

		// One that goes while the store is open.
		c := client(t, s)
		bucket := newBucket(t, s)
		st, err := Open(t.Context(), c, Config{Bucket: bucket})
		require.NoError(t, err)
		defer st.Close()
		_, err = c.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: &bucket})
		require.NoError(t, err)
		b := st.Bucket("data")
		_, err = storage.WriteAll(t.Context(), b, "key", nil, "", nil)
		require.ErrorIs(t, err, storage.ErrNoBucket)
		_, _, err = storage.ReadAll(t.Context(), b, "key")
		require.ErrorIs(t, err, storage.ErrNoBucket)
		_, err = b.Stat(t.Context(), "key", nil)
		require.ErrorIs(t, err, storage.ErrNoBucket)
	})
}

// TestSilence opens a store of an endpoint that never answers.
func TestSilence(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err = storage.Open(ctx, "s3://bucket?endpoint="+url.QueryEscape("http://"+l.Addr().String()))
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

// TestNobody opens a store of an endpoint where nothing listens.
func TestNobody(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	wire := new(tap)
	c := client(t, &testservers.Service{URL: "http://" + l.Addr().String()}, wire.option)
	_, err = Open(t.Context(), c, Config{Bucket: "bucket"})
	require.ErrorContains(t, err, "connection refused")
	require.Len(t, wire.seen(), 3, "attempts")
}

// TestUnavailable lets a service answer 503 for ever, and for a while.
func TestUnavailable(t *testing.T) {
	onServices(t, func(t *testing.T, s *testservers.Service) {
		wire := new(tap)
		b := newStore(t, s, wire.option).Bucket("data")
		_, err := storage.WriteAll(t.Context(), b, "key", []byte("old"), "", nil)
		require.NoError(t, err)
		busy := func(times int) func(*http.Request, func(*http.Request) (*http.Response, error)) (*http.Response, error) {
			return func(req *http.Request, do func(*http.Request) (*http.Response, error)) (*http.Response, error) {
				if times--; times >= 0 {
					return answer(req, http.StatusServiceUnavailable, "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"), nil
				}
				return do(req)
			}
		}
		wire.set(busy(1000))
		_, err = storage.WriteAll(t.Context(), b, "key", []byte("new"), "", nil)
		require.ErrorContains(t, err, "SlowDown")
		require.Len(t, wire.seen(), 3, "attempts")
		wire.set(busy(2))
		_, err = storage.WriteAll(t.Context(), b, "key", []byte("new"), "", nil)
		require.NoError(t, err, "an endpoint that recovers")
		wire.set(nil)
		got, _, err := storage.ReadAll(t.Context(), b, "key")
		require.NoError(t, err)
		require.Equal(t, "new", string(got))
	})
}

// TestCutBody cuts connections while an object is read. The reader goes on where it was.
func TestCutBody(t *testing.T) {
	onServices(t, func(t *testing.T, s *testservers.Service) {
		wire := new(tap)
		b := newStore(t, s, wire.option).Bucket("data")
		content := pattern(1 << 20)
		_, err := storage.WriteAll(t.Context(), b, "key", content, "", nil)
		require.NoError(t, err)
		for _, after := range []int{0, 1, 1000, 300_000} {
			wire.set(cutBodies(3, after))
			got, _, err := storage.ReadAll(t.Context(), b, "key")
			require.NoError(t, err)
			require.True(t, bytes.Equal(content, got), "cut after %d bytes", after)

			wire.set(cutBodies(3, after))
			r, _, err := b.Open(t.Context(), "key", 1000, 500_000, nil)
			require.NoError(t, err)
			got, err = io.ReadAll(r)
			require.NoError(t, err)
			require.True(t, bytes.Equal(content[1000:501_000], got), "a range cut after %d bytes", after)
			require.NoError(t, r.Close())
		}

		wire.set(cutBodies(1000, 0))
		_, _, err = storage.ReadAll(t.Context(), b, "key")
		require.ErrorContains(t, err, "connection reset", "cut for ever")
		require.Len(t, wire.seen(), 1+maxResumes, "requests")
	})
}

// TestCutAndReplaced replaces an object whose reader has lost its connection. The reader
// fails instead of mixing two versions.
func TestCutAndReplaced(t *testing.T) {
	onServices(t, func(t *testing.T, s *testservers.Service) {
		wire := new(tap)
		b := newStore(t, s, wire.option).Bucket("data")
		_, err := storage.WriteAll(t.Context(), b, "key", bytes.Repeat([]byte("a"), 1000), "", nil)
		require.NoError(t, err)
		wire.set(cutBodies(1, 10))
		r, _, err := b.Open(t.Context(), "key", 0, 0, nil)
		require.NoError(t, err)
		defer r.Close()
		_, err = storage.WriteAll(t.Context(), b, "key", bytes.Repeat([]byte("b"), 1000), "", nil)
		require.NoError(t, err)
		got, err := io.ReadAll(r)
		require.ErrorIs(t, err, storage.ErrPrecondition)
		require.Equal(t, "aaaaaaaaaa", string(got))
	})
}

// TestSeek reads from any position.
func TestSeek(t *testing.T) {
	onServices(t, func(t *testing.T, s *testservers.Service) {
		b := newStore(t, s).Bucket("data")
		_, err := storage.WriteAll(t.Context(), b, "key", []byte("0123456789"), "", nil)
		require.NoError(t, err)
		r, _, err := b.Open(t.Context(), "key", 2, 6, nil)
		require.NoError(t, err)
		at, err := r.(io.Seeker).Seek(-2, io.SeekEnd)
		require.NoError(t, err)
		require.EqualValues(t, 4, at)
		got, err := io.ReadAll(r)
		require.NoError(t, err)
		require.Equal(t, "67", string(got))
		require.NoError(t, r.Close())
		_, err = r.(io.Seeker).Seek(0, io.SeekStart)
		require.ErrorIs(t, err, storage.ErrClosed)
	})
}

// TestNothingIsHalfStored breaks writes at every request.
func TestNothingIsHalfStored(t *testing.T) {
	onServices(t, func(t *testing.T, s *testservers.Service) {
		wire := new(tap)
		b := newStore(t, s, wire.option).Bucket("data")
		_, err := storage.WriteAll(t.Context(), b, "key", []byte("old"), "", nil)
		require.NoError(t, err)
		large := pattern(maxPut + 1)
		check := func(kind string, source func([]byte) io.Reader) {
			content := large
			if kind == "PUT" {
				content = large[:1000]
			}
			wire.set(func(req *http.Request, do func(*http.Request) (*http.Response, error)) (*http.Response, error) {
				if describeRequest(req) != kind {
					return do(req)
				}
				if req.Body != nil {
					io.CopyN(io.Discard, req.Body, 100)
				}
				return nil, errReset
			})
			_, err := b.Write(t.Context(), "key", source(content), -1, "", nil)
			require.Error(t, err, kind)
			require.LessOrEqual(t, occurrences(wire.seen(), kind), 3*3, "attempts of %s", kind)
			wire.set(nil)
			got, _, err := storage.ReadAll(t.Context(), b, "key")
			require.NoError(t, err)
			require.Equal(t, "old", string(got), kind)
			it, err := b.(storage.HasUploads).Uploads(t.Context(), "", 0, 0, nil)
			require.NoError(t, err)
			up, err := it.Next()
			require.NoError(t, err)
			require.Nil(t, up, "%s left an upload", kind)
		}
		for _, kind := range []string{"PUT", "POST uploads", "PUT uploadId", "POST uploadId"} {
			check(kind, inMemory)
			check(kind, streamed)
		}
	})
}

// TestCancelledUpload ends the context while a large body is stored.
func TestCancelledUpload(t *testing.T) {
	onServices(t, func(t *testing.T, s *testservers.Service) {
		wire := new(tap)
		b := newStore(t, s, wire.option).Bucket("data")
		_, err := storage.WriteAll(t.Context(), b, "other", nil, "", nil)
		require.NoError(t, err)
		for _, source := range []func([]byte) io.Reader{inMemory, streamed} {
			ctx, cancel := context.WithCancel(t.Context())
			wire.set(func(req *http.Request, do func(*http.Request) (*http.Response, error)) (*http.Response, error) {
				if describeRequest(req) == "PUT uploadId" {
					cancel()
				}
				return do(req)
			})
			_, err = b.Write(ctx, "key", source(pattern(maxPut+1)), -1, "", nil)
			require.ErrorIs(t, err, context.Canceled)
			wire.set(nil)
			_, err = b.Stat(t.Context(), "key", nil)
			require.ErrorIs(t, err, storage.ErrNotExist)
			it, err := b.(storage.HasUploads).Uploads(t.Context(), "", 0, 0, nil)
			require.NoError(t, err)
			up, err := it.Next()
			require.NoError(t, err)
			require.Nil(t, up, "the upload must have been aborted")
		}
	})
}

// TestReadOnly opens a store with rights to read alone.
func TestReadOnly(t *testing.T) {
	denied := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		io.WriteString(w, "<Error><Code>AccessDenied</Code></Error>")
	}))
	defer denied.Close()
	st, err := Open(t.Context(), client(t, &testservers.Service{URL: denied.URL}), Config{Bucket: "bucket"})
	require.NoError(t, err)
	defer st.Close()
	for _, rule := range []string{storage.RelaxedO7Write, storage.RelaxedO7Copy, storage.RelaxedO7Delete, storage.RelaxedO7Complete} {
		require.True(t, storage.LimitsOf(st).Relaxes(rule), "%s is not known", rule)
	}
	_, err = storage.WriteAll(t.Context(), st.Bucket("data"), "key", nil, "", nil)
	require.ErrorIs(t, err, storage.ErrPermission)
}

// TestIgnoredConditions opens stores of services that ignore a condition. What they
// ignore is not promised, and refused.
func TestIgnoredConditions(t *testing.T) {
	onServices(t, func(t *testing.T, s *testservers.Service) {
		for kind, rules := range map[string][]string{
			"PUT":           {storage.RelaxedO7Write},
			"PUT copy":      nil,
			"POST uploadId": {storage.RelaxedO7Complete},
			"DELETE":        {storage.RelaxedO7Delete},
		} {
			st := newStore(t, s, ignoring(kind))
			for _, rule := range rules {
				require.True(t, storage.LimitsOf(st).Relaxes(rule), "%s without conditions", kind)
			}
			b := st.Bucket("data")
			_, err := storage.WriteAll(t.Context(), b, "key", []byte("old"), "", nil)
			require.NoError(t, err)
			_, err = storage.WriteAll(t.Context(), b, "key", []byte("new"), "", storage.Options{storage.OptIfNoneMatch: "*"})
			require.True(t, errors.Is(err, storage.ErrPrecondition) || kind == "PUT" && errors.Is(err, storage.ErrUnsupported), "%s: %v", kind, err)
			_, err = b.Copy(t.Context(), "key", "", "key", storage.Options{storage.OptIfMatch: "other"})
			require.True(t, errors.Is(err, storage.ErrPrecondition) || errors.Is(err, storage.ErrUnsupported), "%s: %v", kind, err)
			got, _, err := storage.ReadAll(t.Context(), b, "key")
			require.NoError(t, err)
			require.Equal(t, "old", string(got), kind)
		}
	})
}

// ignoring lets a client send requests of a kind without their conditions, so that its
// service seems to ignore them.
func ignoring(kind string) func(*s3.Options) {
	drop := middleware.FinalizeMiddlewareFunc("DropConditions",
		func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
			if req, ok := in.Request.(*smithyhttp.Request); ok && describeRequest(req.Request) == kind {
				req.Header.Del("If-Match")
				req.Header.Del("If-None-Match")
			}
			return next.HandleFinalize(ctx, in)
		})
	return func(o *s3.Options) {
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			return stack.Finalize.Insert(drop, "Signing", middleware.Before)
		})
	}
}

// TestDeadline ends the time for a request to read. The error is that of the context,
// which the reader outlives.
func TestDeadline(t *testing.T) {
	silent := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Method == http.MethodGet {
			<-req.Context().Done()
		}
		w.WriteHeader(http.StatusForbidden)
	}))
	defer silent.Close()
	st, err := Open(t.Context(), client(t, &testservers.Service{URL: silent.URL}), Config{Bucket: "bucket"})
	require.NoError(t, err)
	defer st.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, _, err = st.Bucket("data").Open(ctx, "key", 0, 0, nil)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

// TestCancelledProbe ends the context of Open while it asks what the service can do. The
// objects of the probe are deleted, but for one that the service stores even later.
func TestCancelledProbe(t *testing.T) {
	onServices(t, func(t *testing.T, s *testservers.Service) {
		bucket := newBucket(t, s)
		wire := new(tap)
		ctx, cancel := context.WithCancel(t.Context())
		wire.set(func(req *http.Request, do func(*http.Request) (*http.Response, error)) (*http.Response, error) {
			if describeRequest(req) == "PUT copy" {
				cancel()
			}
			return do(req)
		})
		_, err := Open(ctx, client(t, s, wire.option), Config{Bucket: bucket})
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, 1, occurrences(wire.seen(), "POST delete"))
	})
}
