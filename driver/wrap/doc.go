// Package wrap puts code around the operations of any store: to make them fail,
// slow, visible or forbidden.
//
// [Intercept] is the one mechanism. It returns a store whose every operation calls
// a function of the caller's, which may do something before and after, change the
// arguments and the results, fail the operation, or not do it at all:
//
//	st = wrap.Intercept(st, func(ctx context.Context, c *wrap.Call, next func(context.Context) error) error {
//		start := time.Now()
//		err := next(ctx)
//		fmt.Println(c, time.Since(start), err)
//		return err
//	})
//
// The rest of the package is built on it: [Fail], [Delay], [Log], [Record],
// [ReadOnly], [Measure] and [Prefix]. They can be put around each other.
//
// A wrapped store has the optional interfaces of the store within, and no others:
// a program that looks for storage.HasMultipart or a [snapshot.Store] decides as it
// would without the wrapper. The same holds for buckets, and for readers that are
// an io.Seeker, io.ReaderAt or io.WriterTo. [Prefix] is the exception, and says so.
//
// Functions that wrap a store panic if it is nil.
//
// Where to look: call.go has what a call is, intercept.go and the files beside it
// the mechanism; each wrapper built on it has a file of its own.
package wrap
