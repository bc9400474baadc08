// Package archive is the program of examples/app: it keeps a company's invoices in a
// bucket of any store.
//
// An open invoice is the object open/NUMBER.json, a paid one paid/YEAR/NUMBER.json.
// Nothing here depends on the engine, and what engines do not have in common is not
// used: what a listing says beyond keys, and the times of objects.
package archive

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"

	"open-lake.dev/lib/storage"
)

// Invoice is the content of an object.
type Invoice struct {
	Number   string `json:"number"`
	Customer string `json:"customer"`
	Cents    int64  `json:"cents"`
}

func (inv Invoice) String() string {
	return fmt.Sprintf("%s %s %d.%02d", inv.Number, inv.Customer, inv.Cents/100, inv.Cents%100)
}

// Archive keeps invoices in a bucket.
type Archive struct{ bucket storage.Bucket }

const bucketName = "invoices"

// New returns the archive in the bucket "invoices" of a store.
func New(st storage.Storage) *Archive { return &Archive{st.Bucket(bucketName)} }

func openKey(number string) string { return "open/" + number + ".json" }

// File adds an open invoice. It returns storage.ErrExist if there is one of the number.
func (a *Archive) File(ctx context.Context, inv Invoice) error {
	return a.write(ctx, inv, storage.Options{storage.OptUpsert: false})
}

func (a *Archive) write(ctx context.Context, inv Invoice, opts storage.Options) error {
	data, err := json.Marshal(inv)
	if err != nil {
		return err
	}
	opts[storage.OptMetadata] = map[string]string{"customer": inv.Customer}
	_, err = a.bucket.Write(ctx, openKey(inv.Number), bytes.NewReader(data), int64(len(data)), "application/json", opts)
	return err
}

// Correct changes an open invoice. If somebody else changes it meanwhile, change is
// called again with the invoice as it is then.
func (a *Archive) Correct(ctx context.Context, number string, change func(*Invoice)) error {
	for {
		inv, obj, err := a.read(ctx, openKey(number))
		if err != nil {
			return err
		}
		change(&inv)
		err = a.write(ctx, inv, storage.Options{storage.OptIfMatch: obj.ETag})
		if !errors.Is(err, storage.ErrPrecondition) {
			return err
		}
	}
}

// Pay moves an open invoice to the paid ones of a year. It returns storage.ErrExist if
// there is a paid one of the number.
func (a *Archive) Pay(ctx context.Context, number, year string) error {
	paid := path.Join("paid", year, number+".json")
	_, err := a.bucket.Move(ctx, paid, "", openKey(number), storage.Options{storage.OptUpsert: false})
	return err
}

// List returns the invoices in a directory, like "open" or "paid/2026", by number.
func (a *Archive) List(ctx context.Context, dir string) (list []Invoice, err error) {
	it, err := a.bucket.List(ctx, dir+"/", 0, 0, nil)
	if err != nil {
		return nil, err
	}
	for obj, err := range storage.All(it) {
		if err != nil {
			return nil, err
		}
		inv, _, err := a.read(ctx, obj.Key)
		if err != nil {
			return nil, err
		}
		list = append(list, inv)
	}
	return list, nil
}

func (a *Archive) read(ctx context.Context, key string) (inv Invoice, obj *storage.Object, err error) {
	data, obj, err := storage.ReadAll(ctx, a.bucket, key)
	if err != nil {
		return inv, nil, err
	}
	if err := json.Unmarshal(data, &inv); err != nil {
		return inv, nil, fmt.Errorf("%s: %w", key, err)
	}
	return inv, obj, nil
}

// Years returns the years in which invoices were paid.
func (a *Archive) Years(ctx context.Context) (years []string, err error) {
	it, err := a.bucket.List(ctx, "paid/", 0, 0, storage.Options{storage.OptRecursive: false})
	if err != nil {
		return nil, err
	}
	for dir, err := range storage.All(it) {
		if err != nil {
			return nil, err
		}
		years = append(years, strings.TrimPrefix(dir.Key, "paid/"))
	}
	return years, nil
}

// Forget deletes the invoices that were paid in a year.
func (a *Archive) Forget(ctx context.Context, year string) error {
	return a.bucket.Delete(ctx, "paid/"+year, storage.Options{storage.OptRecursive: true})
}
