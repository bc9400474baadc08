package memdriver_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/snapshot"
)

const (
	clients       = 5
	opsPerClient  = 8
	historyBucket = "b"
)

// history is a store and the operations of its clients, with their results.
type history struct {
	store   snapshot.Store
	start   time.Time
	began   contents
	first   *snapshot.Snapshot // of the store at the start
	uploads [historyUploads]upload
	ops     []porcupine.Operation
}

type upload struct {
	*storage.MultipartUpload
	parts []*storage.PartInfo
}

// newHistory prepares a store: it has the uploads, and one object.
func newHistory(t *testing.T, st snapshot.Store) *history {
	ctx, b := context.Background(), st.Bucket(historyBucket)
	h := &history{store: st, start: time.Now()}
	for i := range h.uploads {
		mp := b.(storage.HasMultipart)
		mu, err := mp.InitMultipart(ctx, historyKeys[i], "", nil)
		require.NoError(t, err)
		h.uploads[i].MultipartUpload = mu
		body := bodyOf(uploadValue(i))
		for n, part := range []string{body[:partSize], body[partSize:]} {
			info, err := mp.UploadPart(ctx, mu, n+1, strings.NewReader(part), -1, nil)
			require.NoError(t, err)
			h.uploads[i].parts = append(h.uploads[i].parts, info)
		}
		h.began.uploads[i] = true
	}
	_, err := b.Write(ctx, historyKeys[0], strings.NewReader(bodyOf("first")), -1, "", nil)
	require.NoError(t, err)
	h.began.values[0] = "first"
	h.first = st.Snapshot()
	return h
}

// partSize is how the bodies of the uploads are cut in two.
const partSize = 140 << 10

// bodyOf returns a body that is one value over and over, longer than what a
// store keeps or reads in one piece, so that a mixture of two is none.
func bodyOf(value string) string { return strings.Repeat(fmt.Sprintf("%-8s", value), 20<<10) }

// valueOf returns the value a body is made of.
func valueOf(body string) string {
	value := strings.TrimSpace(body[:min(8, len(body))])
	if body != bodyOf(value) {
		return fmt.Sprintf("a mixture: %d bytes, %q … %q", len(body), value, body[max(0, len(body)-8):])
	}
	return value
}

// etagsOf are the ETags of all values that clients write, byETag the reverse.
var etagsOf, byETag = func() (of, by map[string]string) {
	of, by = map[string]string{"first": "", "*": "*"}, map[string]string{}
	for id := range clients {
		for n := range opsPerClient {
			of[clientValue(id, n)] = ""
		}
	}
	for value := range of {
		if value != "*" {
			of[value] = modelETag(bodyOf(value))
		}
	}
	for i := range historyUploads {
		body := bodyOf(uploadValue(i))
		of[uploadValue(i)] = modelPartsETag(modelETag(body[:partSize])+modelETag(body[partSize:]), 2)
	}
	for value, etag := range of {
		by[etag] = value
	}
	return of, by
}()

func clientValue(id, n int) string { return fmt.Sprintf("c%d-%d", id, n) }

// run lets a number of clients do their operations at once.
func (h *history) run(clients int, seed uint64) {
	var wg sync.WaitGroup
	ready, all := make(chan bool), make([]*client, clients)
	for id := range all {
		c := &client{history: h, id: id, r: rand.New(rand.NewPCG(seed, uint64(id))), seen: "first", snaps: []*snapshot.Snapshot{h.first}}
		all[id] = c
		wg.Go(func() {
			<-ready
			for n := range opsPerClient {
				c.step(n)
			}
		})
	}
	close(ready)
	wg.Wait()
	for _, c := range all {
		for _, op := range c.ops {
			h.ops = append(h.ops, h.explain(op))
		}
	}
}

// explain adds the contents of a snapshot to the operation that took or restored it.
func (h *history) explain(op porcupine.Operation) porcupine.Operation {
	s, ok := op.Metadata.(*snapshot.Snapshot)
	if !ok {
		return op
	}
	switch in := op.Input.(operation); in.kind {
	case "snapshot":
		op.Output = outcome{taken: h.contentsOf(s)}
	case "restore":
		in.restored = h.contentsOf(s)
		op.Input = in
	}
	return op
}

// contentsOf reads all of a snapshot.
func (h *history) contentsOf(s *snapshot.Snapshot) (c contents) {
	b := s.Storage().Bucket(historyBucket)
	for i, key := range historyKeys {
		c.values[i] = readAll(b, key).value
	}
	for i, up := range h.uploads {
		parts, err := b.(storage.HasMultipart).ListParts(context.Background(), up.MultipartUpload, 0, 0, nil)
		c.uploads[i] = err == nil && len(parts) == len(up.parts)
	}
	return c
}

func (h *history) linearizable() bool {
	return porcupine.CheckOperations(historyModel(h.began), h.ops)
}
