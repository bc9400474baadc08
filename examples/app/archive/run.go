package archive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"open-lake.dev/lib/storage"
)

// Main runs the program on the store that the environment variable STORAGE_URL names,
// mem:// if it is not set. The caller imports the drivers.
func Main(ctx context.Context, out io.Writer) error {
	st, err := storage.Open(ctx, cmp.Or(os.Getenv("STORAGE_URL"), "mem://"))
	if err != nil {
		return err
	}
	defer st.Close()
	_, err = st.CreateBucket(ctx, bucketName, nil) // not every engine makes one by itself
	if err != nil && !errors.Is(err, storage.ErrExist) {
		return err
	}
	return New(st).year(ctx, out)
}

// year does the work of a year, and prints what it did.
func (a *Archive) year(ctx context.Context, out io.Writer) error {
	for _, inv := range []Invoice{
		{"2025-117", "Brook & Sons", 8000}, {"2026-001", "Ærø Færger", 12050}, {"2026-002", "Brook & Sons", 9950}, {"2026-001", "Somebody", 1},
	} {
		err := a.File(ctx, inv)
		if errors.Is(err, storage.ErrExist) {
			fmt.Fprintf(out, "%s is filed already\n", inv.Number)
			continue
		}
		if err != nil {
			return err
		}
		fmt.Fprintln(out, "filed", inv)
	}
	if err := a.Correct(ctx, "2026-002", func(inv *Invoice) { inv.Cents -= 950 }); err != nil {
		return err
	}
	for _, paid := range []struct{ number, year string }{{"2025-117", "2025"}, {"2026-001", "2026"}} {
		err := a.Pay(ctx, paid.number, paid.year)
		if errors.Is(err, storage.ErrExist) { // from an earlier run
			fmt.Fprintf(out, "%s is paid already\n", paid.number)
			continue
		}
		if err != nil {
			return err
		}
	}
	if err := a.report(ctx, out); err != nil {
		return err
	}
	if err := a.Forget(ctx, "2025"); err != nil {
		return err
	}
	fmt.Fprintln(out, "forgot 2025")
	return a.report(ctx, out)
}

// report prints all invoices.
func (a *Archive) report(ctx context.Context, out io.Writer) error {
	years, err := a.Years(ctx)
	if err != nil {
		return err
	}
	dirs := []string{"open"}
	for _, year := range years {
		dirs = append(dirs, "paid/"+year)
	}
	for _, dir := range dirs {
		list, err := a.List(ctx, dir)
		if err != nil {
			return err
		}
		for _, inv := range list {
			fmt.Fprintf(out, "%s: %v\n", dir, inv)
		}
	}
	return nil
}
