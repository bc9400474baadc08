// Package rollback shows how subtests share one filled store: each of them rolls
// back its changes. The technique is in rollback_test.go.
//
// The code under test keeps a company's invoices in a bucket: an open invoice
// under open/NUMBER.json, a paid one under paid/YEAR/NUMBER.json.
package rollback

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"open-lake.dev/lib/storage"
)

// Invoice is the content of an object.
type Invoice struct {
	Number   string `json:"number"`
	Customer string `json:"customer"`
	Cents    int64  `json:"cents"`
}

// Archive files invoices in a bucket.
type Archive struct{ bucket storage.Bucket }

// New returns the archive in the bucket "invoices" of a store.
func New(st storage.Storage) *Archive { return &Archive{st.Bucket("invoices")} }

func openKey(number string) string { return "open/" + number + ".json" }

// File adds an open invoice. It returns storage.ErrExist if there is one with the
// same number.
func (a *Archive) File(ctx context.Context, inv Invoice) error {
	data, err := json.Marshal(inv)
	if err != nil {
		return err
	}
	_, err = a.bucket.Write(ctx, openKey(inv.Number), bytes.NewReader(data), int64(len(data)), "application/json", storage.Options{
		storage.OptUpsert:   false,
		storage.OptMetadata: map[string]string{"customer": inv.Customer},
	})
	return err
}

// Pay moves an open invoice to the paid ones of a year.
func (a *Archive) Pay(ctx context.Context, number string, at time.Time) error {
	paid := "paid/" + strconv.Itoa(at.Year()) + "/" + number + ".json"
	_, err := a.bucket.Move(ctx, paid, "", openKey(number), storage.Options{storage.OptUpsert: false})
	return err
}

// Due returns the total of the open invoices, in cents.
func (a *Archive) Due(ctx context.Context) (cents int64, err error) {
	open, err := a.bucket.List(ctx, "open/", 0, 0, nil)
	if err != nil {
		return 0, err
	}
	for obj, err := range storage.All(open) {
		if err != nil {
			return 0, err
		}
		inv, err := a.read(ctx, obj.Key)
		if err != nil {
			return 0, err
		}
		cents += inv.Cents
	}
	return cents, nil
}

func (a *Archive) read(ctx context.Context, key string) (inv Invoice, err error) {
	r, _, err := a.bucket.Open(ctx, key, 0, 0, nil)
	if err != nil {
		return inv, err
	}
	defer r.Close()
	if err := json.NewDecoder(r).Decode(&inv); err != nil {
		return inv, fmt.Errorf("%s: %w", key, err)
	}
	return inv, nil
}

// Forget deletes the paid invoices of a year.
func (a *Archive) Forget(ctx context.Context, year int) error {
	return a.bucket.Delete(ctx, "paid/"+strconv.Itoa(year), storage.Options{storage.OptRecursive: true})
}
