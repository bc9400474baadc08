package gateway

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/require"
	"github.com/versity/versitygw/s3response"

	memdriver "open-lake.dev/lib/storage/driver/memory"
)

// newGateway returns a back end over an empty store with the bucket "b".
func newGateway(t testing.TB) *gateway {
	st := memdriver.Open(memdriver.WithExactKeys(), memdriver.WithMD5ETags())
	t.Cleanup(func() { st.Close() })
	g := &gateway{store: st, owner: "me"}
	require.NoError(t, g.CreateBucket(context.Background(), &s3.CreateBucketInput{Bucket: new("b")}, nil))
	return g
}

func putText(t testing.TB, g *gateway, key, content string) s3response.PutObjectOutput {
	out, err := g.PutObject(context.Background(), s3response.PutObjectInput{
		Bucket: new("b"), Key: &key, Body: strings.NewReader(content), ContentLength: new(int64(len(content))),
	})
	require.NoError(t, err)
	return out
}

// randomKey returns a key of few letters, so that keys share prefixes.
func randomKey(r *rand.Rand) string {
	names := []string{"a", "b", "/", "//", "-", ".", "..", "a\\", "é", "\U0010FFFF", " ", "a/"}
	var b strings.Builder
	for range 1 + r.IntN(4) {
		b.WriteString(names[r.IntN(len(names))])
	}
	return b.String()
}

// listed is what a listing should give, in order.
type listed struct{ keys, prefixes []string }

// listPlainly lists sorted keys in the plainest way.
func listPlainly(keys []string, q query) (all listed) {
	for _, key := range keys {
		if !strings.HasPrefix(key, q.prefix) || key <= q.after {
			continue
		}
		rest := strings.TrimPrefix(key, q.prefix)
		name, _, found := strings.Cut(rest, q.delimiter)
		if q.delimiter == "" || !found {
			all.keys = append(all.keys, key)
			continue
		}
		common := q.prefix + name + q.delimiter
		if common != q.after && !slices.Contains(all.prefixes, common) {
			all.prefixes = append(all.prefixes, common)
		}
	}
	return all
}

// TestListPlainly compares pages of random listings with plain ones.
func TestListPlainly(t *testing.T) {
	for seed := range uint64(30) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 0))
			g := newGateway(t)
			set := make(map[string]bool)
			for range 60 {
				key := randomKey(r)
				set[key] = true
				putText(t, g, key, "")
			}
			keys := slices.Sorted(maps.Keys(set))
			for range 60 {
				q := query{delimiter: []string{"", "/", "a", "//", "-"}[r.IntN(5)], max: 1 + r.IntN(5)}
				if r.IntN(3) > 0 {
					q.prefix = randomKey(r)
				}
				if r.IntN(3) > 0 {
					q.after = randomKey(r)
				}
				want := listPlainly(keys, q)
				got := listPages(t, g, q)
				require.Equal(t, want, got, "%+v", q)
			}
		})
	}
}

// listPages lists page by page.
func listPages(t *testing.T, g *gateway, q query) (all listed) {
	for range 200 {
		p, err := g.read(context.Background()).page("b", q)
		require.NoError(t, err)
		require.LessOrEqual(t, len(p.objects)+len(p.prefixes), q.max)
		for _, o := range p.objects {
			all.keys = append(all.keys, o.Key)
		}
		all.prefixes = append(all.prefixes, p.prefixes...)
		if !p.truncated {
			return all
		}
		q.after = p.last
	}
	t.Fatalf("the pages of %+v do not end", q)
	return all
}

// TestTokens checks that every key survives in a token.
func TestTokens(t *testing.T) {
	for _, key := range []string{"", "a", "a/b", "=", "=a", "é", " ", "\x01", "a b", "\U0010FFFF"} {
		got, err := parseToken(token(key))
		require.NoError(t, err)
		require.Equal(t, key, got)
	}
	_, err := parseToken("=%")
	require.Error(t, err)
}

// modelVersion is a version in the model of a bucket.
type modelVersion struct {
	id, content string
	marker      bool
}

// TestVersionsPlainly drives a bucket with versions and a plain model of it through
// the same random operations.
func TestVersionsPlainly(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			m := &versionModel{g: newGateway(t), versions: make(map[string][]modelVersion)}
			for step := range 120 {
				m.step(t, r, step)
			}
			m.compare(t, r)
		})
	}
}

type versionModel struct {
	g        *gateway
	status   types.BucketVersioningStatus
	versions map[string][]modelVersion // by key, the newest first
}

func (m *versionModel) step(t *testing.T, r *rand.Rand, step int) {
	ctx, key := context.Background(), []string{"a", "a/b", "a-b", "b/c", "c"}[r.IntN(5)]
	switch r.IntN(10) {
	case 0:
		m.status = []types.BucketVersioningStatus{types.BucketVersioningStatusEnabled, types.BucketVersioningStatusSuspended}[r.IntN(2)]
		require.NoError(t, m.g.PutBucketVersioning(ctx, "b", m.status))
	case 1, 2:
		m.delete(t, key)
	case 3, 4:
		m.deleteVersion(t, key, r)
	case 5:
		m.compare(t, r)
	default:
		out := putText(t, m.g, key, fmt.Sprint(step))
		m.add(key, modelVersion{id: out.VersionID, content: fmt.Sprint(step)})
	}
}

// add adds the newest version, which takes the place of another with the id null.
func (m *versionModel) add(key string, v modelVersion) {
	if v.id == "" {
		v.id = nullVersion
	}
	if v.id == nullVersion {
		m.remove(key, nullVersion)
	}
	m.versions[key] = append([]modelVersion{v}, m.versions[key]...)
}

func (m *versionModel) remove(key, id string) {
	m.versions[key] = slices.DeleteFunc(m.versions[key], func(v modelVersion) bool { return v.id == id })
}

func (m *versionModel) delete(t *testing.T, key string) {
	out, err := m.g.DeleteObject(context.Background(), &s3.DeleteObjectInput{Bucket: new("b"), Key: &key})
	require.NoError(t, err)
	if m.status == "" {
		m.remove(key, nullVersion)
		return
	}
	m.add(key, modelVersion{id: *out.VersionId, marker: true})
}

func (m *versionModel) deleteVersion(t *testing.T, key string, r *rand.Rand) {
	all := m.versions[key]
	if len(all) == 0 || m.status == "" {
		return
	}
	v := all[r.IntN(len(all))]
	out, err := m.g.DeleteObject(context.Background(), &s3.DeleteObjectInput{Bucket: new("b"), Key: &key, VersionId: &v.id})
	require.NoError(t, err)
	require.Equal(t, v.marker, *out.DeleteMarker)
	m.remove(key, v.id)
}

// compare compares the listing of versions, page by page, and each version.
func (m *versionModel) compare(t *testing.T, r *rand.Rand) {
	ctx := context.Background()
	var want, got []string
	for _, key := range slices.Sorted(maps.Keys(m.versions)) {
		for i, v := range m.versions[key] {
			want = append(want, fmt.Sprint(key, v.id, i == 0, v.marker))
			out, err := m.g.HeadObject(ctx, &s3.HeadObjectInput{Bucket: new("b"), Key: &key, VersionId: &v.id})
			if v.marker {
				require.Error(t, err)
				continue
			}
			require.NoError(t, err)
			require.Equal(t, int64(len(v.content)), *out.ContentLength)
		}
	}
	in := &s3.ListObjectVersionsInput{Bucket: new("b"), MaxKeys: new(int32(1 + r.IntN(7)))}
	for range 1000 {
		page, err := m.g.ListObjectVersions(ctx, in)
		require.NoError(t, err)
		got = append(got, inOrder(page)...)
		if !*page.IsTruncated {
			break
		}
		in.KeyMarker, in.VersionIdMarker = page.NextKeyMarker, page.NextVersionIdMarker
	}
	slices.Sort(want)
	slices.Sort(got)
	require.Equal(t, want, got)
	m.compareObjects(t)
}

// inOrder returns the versions and the markers of a page.
func inOrder(page s3response.ListVersionsResult) (all []string) {
	for _, v := range page.Versions {
		all = append(all, fmt.Sprint(*v.Key, *v.VersionId, *v.IsLatest, false))
	}
	for _, v := range page.DeleteMarkers {
		all = append(all, fmt.Sprint(*v.Key, *v.VersionId, *v.IsLatest, true))
	}
	return all
}

// compareObjects compares what a client without an interest in versions sees.
func (m *versionModel) compareObjects(t *testing.T) {
	var want []string
	for _, key := range slices.Sorted(maps.Keys(m.versions)) {
		if all := m.versions[key]; len(all) > 0 && !all[0].marker {
			want = append(want, key)
		}
	}
	require.Equal(t, want, listPages(t, m.g, query{max: 2}).keys)
}
