package drivertest

import (
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

var featureCases = []testCase{
	{"F1_store_and_buckets_agree", f1StoreAndBucketsAgree},
	{"F1_features_agree_with_the_interfaces", f1FeaturesAgreeWithTheInterfaces},
	{"F1_features_are_a_fresh_copy", f1FeaturesAreACopy},
	{"F1_move", f1Move},
	{"F1_server_side_copy_and_move", f1ServerSide},
	{"F1_hash_md5", f1HashMD5},
	{"F1_signed_url", f1SignedURL},
	{"M3_what_features_deny", m3WhatFeaturesDeny},
	{"M3_copy_part_without_a_source", m3CopyPart},
}

// needs skips a case if the driver denies a feature.
func (h *harness) needs(feature string) {
	if !h.has(feature) {
		h.skip("the driver denies the feature " + feature + " (storage.Features)")
	}
}

func (h *harness) has(feature string) bool { return h.st.Features()[feature] }

func f1StoreAndBucketsAgree(h *harness) {
	want := h.st.Features()
	require.Equal(h, want, h.b.Features(), "F1: Features of a bucket must be those of its store")
	require.Equal(h, want, h.st.Bucket("ghost").Features(), "F1: Features of a bucket that does not exist are the same")
}

func f1FeaturesAgreeWithTheInterfaces(h *harness) {
	_, directories := h.b.(storage.HasDirectories)
	require.Equal(h, directories, h.has(storage.FeatureDirectories), "F1: feature directories must say whether buckets are storage.HasDirectories")
	_, multipart := h.b.(storage.HasMultipart)
	require.Equal(h, multipart, h.has(storage.FeatureMultipart), "F1: feature multipart must say whether buckets are storage.HasMultipart")
}

func f1FeaturesAreACopy(h *harness) {
	want := maps.Clone(h.st.Features())
	for _, get := range []func() storage.Features{h.st.Features, h.b.Features} {
		f := get()
		for name := range f {
			f[name] = !f[name]
		}
		f["scribbled"] = true
		require.Equal(h, want, h.st.Features(), "F1: changing the map that Features returned must not change the store's")
		require.Equal(h, want, h.b.Features(), "F1: changing the map that Features returned must not change the bucket's")
	}
}

func f1Move(h *harness) {
	if !h.has(storage.FeatureMove) {
		require.False(h, h.has(storage.FeatureServerSideMove), "F1: a driver without feature move has no server_side_move")
		return
	}
	h.put("source", "content")
	h.move("moved", "source")
	require.Equal(h, []string{"moved"}, h.list("", nil), "F1: feature move must be true only if Move works")
	require.Equal(h, "content", h.get("moved"), "F1: feature move must be true only if Move works")
}

// f1ServerSide checks that the operations work; that they read no content cannot
// be seen from here.
func f1ServerSide(h *harness) {
	other := h.bucket("other")
	for _, t := range h.transfers() {
		if !h.has("server_side_" + strings.ToLower(t.name)) {
			continue
		}
		content := h.sized(1 << 20)
		h.put("source", content)
		_, err := t.do(other, t.name, bucketName, "source", nil)
		require.NoError(h, err, "F1: server-side %s must work", t.name)
		require.True(h, content == getFrom(h, other, t.name), "F1: server-side %s must take the content", t.name)
	}
}

func f1HashMD5(h *harness) {
	o := h.put("key", "hello")
	if h.has(storage.FeatureHashMD5) {
		require.Equal(h, helloHashes[storage.HashMD5], o.Hash[storage.HashMD5], "F1: feature hash:md5 must be true only if Hash has the MD5 unasked")
		require.Equal(h, o.Hash, h.stat("key").Hash, "F1: Stat must return the same MD5 as Write")
	} else {
		require.Empty(h, o.Hash, "O3: Hash must be empty unless checksum_algorithms asks")
	}
}

// f1SignedURL uses the URLs if they are of HTTP; of others it knows nothing.
func f1SignedURL(h *harness) {
	if !h.has(storage.FeatureSignedURL) {
		return
	}
	h.put("dir/a key", "content")
	for _, method := range []string{http.MethodGet, http.MethodPut} {
		signed, err := h.b.SignedURL(h.ctx, "dir/a key", method, time.Minute, nil)
		require.NoError(h, err, "F1: feature signed_url must be true only if SignedURL works")
		u, err := url.Parse(signed)
		require.NoError(h, err, "F1: SignedURL must return a URL")
		require.NotEmpty(h, u.Scheme, "F1: SignedURL must return a whole URL, not %q", signed)
		if u.Scheme == "http" || u.Scheme == "https" {
			h.useURL(method, signed)
		}
	}
}

// useURL does what a signed URL permits.
func (h *harness) useURL(method, signed string) {
	var body io.Reader
	if method == http.MethodPut {
		body = strings.NewReader("by URL")
	}
	req, err := http.NewRequestWithContext(h.ctx, method, signed, body)
	require.NoError(h, err)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	require.NoError(h, err, "F1: %s of a signed URL", method)
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	require.NoError(h, err)
	require.Equal(h, 2, res.StatusCode/100, "F1: %s of a signed URL: %s: %s", method, res.Status, answer)
	if method == http.MethodGet {
		require.Equal(h, "content", string(answer), "F1: GET of a signed URL must return the object")
	} else {
		require.Equal(h, "by URL", h.get("dir/a key"), "F1: PUT of a signed URL must write the object")
	}
}

// m3WhatFeaturesDeny passes good arguments and bad ones.
func m3WhatFeaturesDeny(h *harness) {
	h.put("key", "content")
	h.unchanged("M3: an operation that is not supported must change nothing", func() {
		for _, key := range []string{"key", "", "../up", "\xff", "missing"} {
			if !h.has(storage.FeatureMove) {
				_, err := h.b.Move(h.ctx, "moved", "", key, nil)
				require.ErrorIs(h, err, storage.ErrUnsupported, "M3: Move of %q, which Features denies", key)
			}
			if !h.has(storage.FeatureSignedURL) {
				signed, err := h.b.SignedURL(h.ctx, key, "NONSENSE", -time.Minute, nil)
				require.ErrorIs(h, err, storage.ErrUnsupported, "M3: SignedURL of %q, which Features denies", key)
				require.Empty(h, signed, "M3: SignedURL must return no URL with an error")
			}
		}
	})
}

func m3CopyPart(h *harness) {
	h.put("source", "content")
	mu, _ := h.upload("key")
	for _, upload := range []*storage.MultipartUpload{mu, nil, {UploadID: "unknown"}} {
		for _, number := range []int{1, 0, storage.MaxParts + 1} {
			_, err := h.multipart().CopyPart(h.ctx, upload, number, nil)
			require.ErrorIs(h, err, storage.ErrUnsupported, "M3: CopyPart without a source, part %d of %v", number, upload)
		}
	}
	require.Empty(h, h.listParts(mu, 0, 0), "M3: CopyPart without a source must store nothing")
}
