package drivertest

import (
	"slices"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

// snapshotListCases check what a listing shows while its bucket changes. They list
// more than services put on a page, for drivers that fetch pages.
var snapshotListCases = []testCase{
	{"L3_walks_the_state_it_began_with", l3WalksTheStateItBeganWith},
	{"L3_walks_children", l3WalksChildren},
	{"L3_walks_a_bucket_that_is_deleted", l3WalksADeletedBucket},
	{"L3_directory_list", l3DirectoryList},
	{"L3_what_stays_is_listed_once", l3WhatStaysIsListedOnce},
}

// moreThanAPage is more than the thousand entries that services list at a time.
const moreThanAPage = 1_100

// walksOn checks that two iterators give what list gave when they began, though
// change is made after the first entry of one and before that of the other.
func (h *harness) walksOn(list func() (storage.ObjectIter, error), change func(), message string) {
	want := h.entries(list())
	begun, err := list()
	require.NoError(h, err)
	defer begun.Close()
	first, err := begun.Next()
	require.NoError(h, err)
	fresh, err := list()
	require.NoError(h, err)
	defer fresh.Close()
	change()
	for _, got := range [][]*storage.Object{append([]*storage.Object{first}, h.entries(begun, nil)...), h.entries(fresh, nil)} {
		require.Len(h, got, len(want), message)
		for i := range want {
			h.same(want[i], got[i], message)
		}
	}
}

func l3WalksTheStateItBeganWith(h *harness) { walksWhile(h, nil) }

func l3WalksChildren(h *harness) { walksWhile(h, children) }

func walksWhile(h *harness, opts storage.Options) {
	h.strong(storage.RelaxedL3)
	keys := h.putMany(moreThanAPage)
	h.walksOn(func() (storage.ObjectIter, error) { return h.b.List(h.ctx, "many/", 0, 0, opts) }, func() { h.changeMost(keys) },
		"L3: an iterator must give what was there when List was called, whatever is written meanwhile")
}

func l3WalksADeletedBucket(h *harness) {
	h.strong(storage.RelaxedL3)
	h.putMany(moreThanAPage)
	h.walksOn(func() (storage.ObjectIter, error) { return h.b.List(h.ctx, "", 0, 0, nil) }, func() {
		require.NoError(h, h.st.DeleteBucket(h.ctx, bucketName, storage.Options{storage.OptForce: true}))
	}, "L3: an iterator must go on when its bucket is deleted")
}

func l3DirectoryList(h *harness) {
	h.strong(storage.RelaxedL3)
	many := h.directory("many")
	h.putMany(moreThanAPage)
	h.walksOn(func() (storage.ObjectIter, error) { return many.List(h.ctx, 0, 0, nil) }, func() {
		_, err := many.Move(h.ctx, "elsewhere", nil)
		require.NoError(h, err)
	}, "L3: an iterator of Directory.List must give what was there when it was called")
}

func l3WhatStaysIsListedOnce(h *harness) {
	for _, opts := range []storage.Options{nil, children} {
		keys := h.putMany(moreThanAPage)
		it, err := h.b.List(h.ctx, "many/", 0, 0, opts)
		require.NoError(h, err)
		first, err := it.Next()
		require.NoError(h, err)
		h.changeMost(keys)
		got := append([]string{name(first)}, h.names(it, nil)...)
		require.True(h, slices.IsSorted(got), "L3: a listing must be in order, whatever is written meanwhile")
		require.Len(h, slices.Compact(slices.Clone(got)), len(got), "L3: nothing may be listed twice, whatever is written meanwhile")
		for i := 3; i < len(keys); i += 4 {
			require.Contains(h, got, keys[i], "L3: what was there all along must be listed")
		}
		for _, key := range h.list("many/", nil) {
			h.delete(key)
		}
	}
}
