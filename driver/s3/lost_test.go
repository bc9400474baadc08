package s3driver

import (
	"bytes"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/testservers"
)

// TestLostAnswer loses the answer to a change that has succeeded. The SDK sends the
// request again, and the service refuses that, since the first one changed what its
// condition is about.
func TestLostAnswer(t *testing.T) {
	onServices(t, func(t *testing.T, s *testservers.Service) {
		wire := new(tap)
		b := newStore(t, s, wire.option).Bucket("data")
		ctx := t.Context()
		there, err := storage.WriteAll(ctx, b, "there", []byte("old"), "", nil)
		require.NoError(t, err)
		large := pattern(maxPut + 1)
		upload := beginUpload(t, b, "uploaded", large[:minPart])

		for name, c := range map[string]struct {
			lost string
			do   func() (*storage.Object, error)
		}{
			"create": {"PUT", func() (*storage.Object, error) {
				return storage.WriteAll(ctx, b, "new", []byte("new"), "", storage.Options{storage.OptIfNoneMatch: "*"})
			}},
			"replace": {"PUT", func() (*storage.Object, error) {
				return storage.WriteAll(ctx, b, "there", []byte("new"), "", storage.Options{storage.OptIfMatch: there.ETag})
			}},
			"write in parts": {"POST uploadId", func() (*storage.Object, error) {
				return storage.WriteAll(ctx, b, "large", large, "", nil)
			}},
			"write in parts as they come": {"POST uploadId", func() (*storage.Object, error) {
				return b.Write(ctx, "streamed", streamed(large), -1, "", nil)
			}},
			"create in parts": {"POST uploadId", func() (*storage.Object, error) {
				return storage.WriteAll(ctx, b, "large2", large, "", storage.Options{storage.OptUpsert: false})
			}},
			"complete": {"POST uploadId", func() (*storage.Object, error) {
				return b.(storage.HasMultipart).CompleteMultipart(ctx, upload, []*storage.PartInfo{{Number: 1}}, nil)
			}},
		} {
			t.Run(name, func(t *testing.T) {
				wire.set(loseFirst(c.lost))
				o, err := c.do()
				require.NoError(t, err)
				require.GreaterOrEqual(t, occurrences(wire.seen(), c.lost), 2, "the request must have been sent again")
				wire.set(nil)
				now, err := b.Stat(ctx, o.Key, nil)
				require.NoError(t, err)
				require.Equal(t, o.ETag, now.ETag)
				require.Empty(t, now.Metadata, "the token is no metadata of the object")
			})
		}
	})
}

// TestLostDelete loses the answer to a delete at a service that then refuses it, since
// the object is gone or another one by then.
func TestLostDelete(t *testing.T) {
	onServices(t, func(t *testing.T, s *testservers.Service) {
		wire := new(tap)
		b := newStore(t, s, wire.option).Bucket("data")
		for _, replaced := range []bool{false, true} {
			_, err := storage.WriteAll(t.Context(), b, "key", []byte("old"), "", nil)
			require.NoError(t, err)
			sent := 0
			wire.set(func(req *http.Request, do func(*http.Request) (*http.Response, error)) (*http.Response, error) {
				if req.Method != http.MethodDelete {
					return do(req)
				}
				switch sent++; {
				case sent > 2:
					return do(req)
				case sent == 2:
					return answer(req, http.StatusPreconditionFailed, "<Error><Code>PreconditionFailed</Code></Error>"), nil
				}
				if res, err := do(req); err == nil {
					res.Body.Close()
				}
				if replaced {
					_, err := storage.WriteAll(t.Context(), b, "key", []byte("new"), "", nil)
					require.NoError(t, err)
				}
				return nil, errReset
			})
			require.NoError(t, b.Delete(t.Context(), "key", nil))
			require.Equal(t, map[bool]int{false: 2, true: 3}[replaced], sent, "requests")
			wire.set(nil)
			require.ErrorIs(t, b.Delete(t.Context(), "key", nil), storage.ErrNotExist)
		}
	})
}

// TestLostCopy is TestLostAnswer for a copy under a condition, whichever way the service
// makes it go.
func TestLostCopy(t *testing.T) {
	onServices(t, func(t *testing.T, s *testservers.Service) {
		for _, kind := range []string{"PUT copy", "POST uploadId"} {
			wire := new(tap)
			b := newStore(t, s, wire.option).Bucket("data")
			_, err := storage.WriteAll(t.Context(), b, "source", []byte("content"), "text/x", storage.Options{storage.OptMetadata: map[string]string{"a": "b"}})
			require.NoError(t, err)
			wire.set(loseFirst(kind))
			_, err = b.Copy(t.Context(), "copy", "", "source", storage.Options{storage.OptUpsert: false})
			require.NoError(t, err, kind)
			o, err := b.Stat(t.Context(), "copy", nil)
			require.NoError(t, err)
			require.Equal(t, "text/x", o.ContentType)
			require.Equal(t, map[string]string{"a": "b"}, o.Metadata)
			_, err = b.Copy(t.Context(), "copy", "", "source", storage.Options{storage.OptUpsert: false})
			require.ErrorIs(t, err, storage.ErrExist)
		}
	})
}

// TestLostAnswerOfAnother loses the answer to a write after another writer was first:
// the token does not match, and the write is refused.
func TestLostAnswerOfAnother(t *testing.T) {
	onServices(t, func(t *testing.T, s *testservers.Service) {
		wire := new(tap)
		st := newStore(t, s, wire.option)
		b := st.Bucket("data")
		create := storage.Options{storage.OptIfNoneMatch: "*"}
		_, err := storage.WriteAll(t.Context(), b, "key", []byte("theirs"), "", create)
		require.NoError(t, err)
		var sent bool
		wire.set(func(req *http.Request, do func(*http.Request) (*http.Response, error)) (*http.Response, error) {
			if req.Method == http.MethodPut && !sent {
				sent = true
				return nil, errReset // before it reached the service
			}
			return do(req)
		})
		_, err = storage.WriteAll(t.Context(), b, "key", []byte("ours"), "", create)
		require.ErrorIs(t, err, storage.ErrPrecondition)
		require.GreaterOrEqual(t, occurrences(wire.seen(), "PUT"), 2)
		wire.set(nil)
		got, _, err := storage.ReadAll(t.Context(), b, "key")
		require.NoError(t, err)
		require.Equal(t, "theirs", string(got))
	})
}

func occurrences(list []string, want string) (n int) {
	for _, s := range list {
		if s == want {
			n++
		}
	}
	return n
}

// beginUpload begins an upload with one part.
func beginUpload(t *testing.T, b storage.Bucket, key string, part []byte) *storage.MultipartUpload {
	m := b.(storage.HasMultipart)
	mu, err := m.InitMultipart(t.Context(), key, "", nil)
	require.NoError(t, err)
	_, err = m.UploadPart(t.Context(), mu, 1, bytes.NewReader(part), int64(len(part)), nil)
	require.NoError(t, err)
	return mu
}

// TestLostCompletion loses the answer to the completion of an upload at a service that
// then knows the upload no more.
func TestLostCompletion(t *testing.T) {
	onServices(t, func(t *testing.T, s *testservers.Service) {
		wire := new(tap)
		b := newStore(t, s, wire.option).Bucket("data")
		_, err := storage.WriteAll(t.Context(), b, "key", []byte("old"), "", nil)
		require.NoError(t, err)
		for _, reached := range []bool{true, false} {
			upload := beginUpload(t, b, "key", pattern(1000))
			sent := 0
			wire.set(func(req *http.Request, do func(*http.Request) (*http.Response, error)) (*http.Response, error) {
				if describeRequest(req) != "POST uploadId" {
					return do(req)
				}
				if sent++; sent > 1 {
					return answer(req, http.StatusNotFound, "<Error><Code>NoSuchUpload</Code></Error>"), nil
				}
				if reached {
					if res, err := do(req); err == nil {
						res.Body.Close()
					}
				}
				return nil, errReset
			})
			o, err := b.(storage.HasMultipart).CompleteMultipart(t.Context(), upload, []*storage.PartInfo{{Number: 1}}, nil)
			require.Equal(t, 2, sent)
			wire.set(nil)
			if reached {
				require.NoError(t, err)
				require.EqualValues(t, 1000, o.Size)
				_, err = storage.WriteAll(t.Context(), b, "key", []byte("old"), "", nil)
				require.NoError(t, err)
				continue
			}
			require.ErrorIs(t, err, storage.ErrNotExist)
		}
	})
}

// TestLostCompletionOfAnother loses a completion before it reaches the service, while
// another writer completes an upload of the same content. The condition does not hold
// any more, and the upload stays.
func TestLostCompletionOfAnother(t *testing.T) {
	onServices(t, func(t *testing.T, s *testservers.Service) {
		wire := new(tap)
		bucket := newBucket(t, s)
		var stores []storage.Storage
		for _, options := range [][]func(*s3.Options){nil, {wire.option}} {
			st, err := Open(t.Context(), client(t, s, options...), Config{Bucket: bucket})
			require.NoError(t, err)
			t.Cleanup(func() { st.Close() })
			stores = append(stores, st)
		}
		theirs, ours := stores[0].Bucket("data").(storage.HasMultipart), stores[1].Bucket("data").(storage.HasMultipart)
		theirUpload := beginUpload(t, stores[0].Bucket("data"), "key", pattern(1000))
		ourUpload := beginUpload(t, stores[1].Bucket("data"), "key", pattern(1000))
		sent := 0
		wire.set(func(req *http.Request, do func(*http.Request) (*http.Response, error)) (*http.Response, error) {
			if describeRequest(req) != "POST uploadId" {
				return do(req)
			}
			if sent++; sent > 1 {
				return do(req)
			}
			_, err := theirs.CompleteMultipart(req.Context(), theirUpload, []*storage.PartInfo{{Number: 1}}, nil)
			require.NoError(t, err)
			return nil, errReset
		})
		_, err := ours.CompleteMultipart(t.Context(), ourUpload, []*storage.PartInfo{{Number: 1}}, storage.Options{storage.OptIfNoneMatch: "*"})
		require.ErrorIs(t, err, storage.ErrPrecondition)
		require.Equal(t, 2, sent)
		_, err = ours.ListParts(t.Context(), ourUpload, 0, 0, nil)
		require.NoError(t, err)
	})
}
