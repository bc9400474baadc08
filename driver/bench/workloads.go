package main

import (
	"fmt"
	"runtime"
	"time"
)

// workload measures operations on a store. It leaves a filled store unchanged.
type workload struct {
	name string
	run  func(*fixture) ([]figure, error)
}

// fixture is a store that a workload runs on.
type fixture struct {
	Store
	*keyset                                 // nil if the store is empty
	open    func(expect int) (Store, error) // returns a new, empty store
	budget  time.Duration                   // for each figure
	part    int                             // size of a part of large objects, in bytes
}

// figure is one result of a workload.
type figure struct {
	name string
	unit unit
	cost float64 // in the unit; less is better

	// allocs and bytes are the allocations of one operation; 0 if they were not
	// counted.
	allocs, bytes float64
}

type unit string

const (
	nanoseconds unit = "ns"
	octets      unit = "B"
)

// Names of figures that other files refer to.
const (
	writeNew    = "write 1 KiB, new"
	overwrite   = "write 1 KiB, overwrite"
	openRead    = "open + read 1 KiB"
	statOne     = "stat"
	readMostly  = "99 % open + read, 1 % overwrite"
	readOften   = "90 % open + read, 10 % overwrite"
	statMostly  = "99 % stat, 1 % overwrite"
	readOnAll   = "99 % open + read, 1 % overwrite, on all CPUs"
	pageByName  = "list a page of 100 by prefix"
	pageByIndex = "list a page of 100 at offset n/2"
	pageByKey   = "list a page of 100 after key n/2"
	listAll     = "list everything"
	listDir     = "list a directory of 100"
	moveDir     = "move a directory of n/10, at most 10,000"
	snapshotOp  = "snapshot"
	restoreOp   = "restore"
)

// filledWorkloads lists the workloads that run on stores of every size and layout.
var filledWorkloads = []workload{
	perOp(writeNew, prepareWriteNew),
	perOp(overwrite, prepareOverwrite),
	perOp(openRead, prepareRead),
	perOp(statOne, prepareStat),
	perOp(readMostly, mixed(prepareRead, 100)),
	perOp(readOften, mixed(prepareRead, 10)),
	perOp(statMostly, mixed(prepareStat, 100)),
	perOp(readOnAll, parallel(mixed(prepareRead, 100), runtime.GOMAXPROCS(0))),
	perOp(writersName(2), parallel(prepareOverwrite, 2)),
	perOp(writersName(4), parallel(prepareOverwrite, 4)),
	perOp(writersName(8), parallel(prepareOverwrite, 8)),
	{batchName, measureBatch},
	{loadName, measureLoad},
	{latencyName, measureLatency},
	perOp(pageByName, prepareListPrefix),
	perOp(pageByIndex, prepareListOffset),
	perOp(pageByKey, prepareListAfter),
	perOp(listAll, prepareListAll),
	perOp(listDir, prepareListDir),
	perOp(moveDir, prepareMoveDir),
	{mergeName, measureMerge},
	{churnName, measureChurn},
	perOp(snapshotOp, prepareSnapshot),
	{restoreOp, measureRestore},
}

func writersName(n int) string { return fmt.Sprintf("write 1 KiB, overwrite, by %d at once", n) }

// perOp returns a workload that measures one kind of operation.
func perOp(name string, prepare func(*fixture) (ops, error)) workload {
	return workload{name, func(f *fixture) ([]figure, error) {
		o, err := prepare(f)
		if err != nil {
			return nil, err
		}
		c, err := measure(o, f.budget)
		return []figure{c.figure(name)}, err
	}}
}

func (c cost) figure(name string) figure {
	return figure{name, nanoseconds, c.ns, c.allocs, c.bytes}
}

// prepareWriteNew writes new keys, in batches of a tenth of the size (at most
// 10,000), and deletes each batch, untimed.
func prepareWriteNew(f *fixture) (ops, error) {
	content := make([]byte, objectSize)
	batch := max(1, min(f.n/10, 10_000))
	fresh := make([]string, batch)
	for i := range fresh {
		fresh[i] = f.fresh(i)
	}
	written := make([]string, 0, batch)
	return ops{
		batch: batch,
		do: func(_, i int) error {
			key := fresh[i%batch]
			written = append(written, key)
			return f.Put(key, content)
		},
		undo: func() error {
			for _, key := range written {
				if err := f.Delete(key); err != nil {
					return err
				}
			}
			written = written[:0]
			return nil
		},
	}, nil
}

func prepareOverwrite(f *fixture) (ops, error) {
	contents := buffers()
	return ops{do: func(worker, i int) error {
		index, content := f.writes.at(i), contents[worker]
		stamp(content, index)
		return f.Put(f.keys[index], content)
	}}, nil
}

func prepareRead(f *fixture) (ops, error) {
	bufs := buffers()
	return ops{do: func(worker, i int) error {
		index, buf := f.reads.at(i), bufs[worker]
		if err := f.Get(f.keys[index], buf); err != nil {
			return err
		}
		return checkStamp(buf, index)
	}}, nil
}

// maxWorkers is the maximum number of workers.
const maxWorkers = 64

// buffers returns a buffer for each worker.
func buffers() [maxWorkers][]byte {
	var bufs [maxWorkers][]byte
	for i := range bufs {
		bufs[i] = make([]byte, objectSize)
	}
	return bufs
}

func prepareStat(f *fixture) (ops, error) {
	return ops{do: func(_, i int) error {
		size, err := f.Stat(f.keys[f.reads.at(i)])
		if err == nil && size != objectSize {
			err = fmt.Errorf("size %d, not %d", size, objectSize)
		}
		return err
	}}, nil
}

// mixed makes one of every n operations an overwrite. The overwrites go through all
// keys.
func mixed(prepare func(*fixture) (ops, error), n int) func(*fixture) (ops, error) {
	return func(f *fixture) (ops, error) {
		o, err := prepare(f)
		if err != nil {
			return o, err
		}
		w, err := prepareOverwrite(f)
		read := o.do
		o.do = func(worker, i int) error {
			if i%n == 0 {
				return w.do(worker, i/n)
			}
			return read(worker, i)
		}
		return o, err
	}
}

func parallel(prepare func(*fixture) (ops, error), workers int) func(*fixture) (ops, error) {
	return func(f *fixture) (ops, error) {
		o, err := prepare(f)
		o.workers = min(workers, maxWorkers)
		return o, err
	}
}

// listing returns operations that list and check that there are want keys.
func listing(want int, list func(yield func(string)) error) (ops, error) {
	return ops{do: func(int, int) error {
		got := 0
		err := list(func(string) { got++ })
		if err == nil && got != want {
			err = fmt.Errorf("listed %d keys, not %d", got, want)
		}
		return err
	}}, nil
}

func prepareListPrefix(f *fixture) (ops, error) {
	return listing(min(pageSize, len(withPrefix(f.keys, f.prefix))), func(yield func(string)) error {
		return f.ListPrefix(f.prefix, pageSize, yield)
	})
}

func prepareListOffset(f *fixture) (ops, error) {
	half := len(f.keys) / 2
	return listing(min(pageSize, len(f.keys)-half), func(yield func(string)) error {
		return f.ListOffset(half, pageSize, yield)
	})
}

func prepareListAfter(f *fixture) (ops, error) {
	half := len(f.keys) / 2
	return listing(min(pageSize, len(f.keys)-half-1), func(yield func(string)) error {
		return f.ListAfter(f.keys[half], pageSize, yield)
	})
}

func prepareListAll(f *fixture) (ops, error) { return listing(len(f.keys), f.ListAll) }

func prepareListDir(f *fixture) (ops, error) {
	return listing(smallSize, func(yield func(string)) error { return f.ListDir(f.small, yield) })
}

// prepareMoveDir moves the directory back and forth.
func prepareMoveDir(f *fixture) (ops, error) {
	at, to := f.source, f.target
	move := func() error {
		at, to = to, at
		return f.MoveDir(to, at)
	}
	return ops{
		do: func(int, int) error { return move() },
		undo: func() error {
			if at == f.source {
				return nil
			}
			return move()
		},
	}, nil
}
