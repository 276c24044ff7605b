package clv

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// blockSize is how many histories are summed by one worker at a time. The blocks do not depend on the number of workers, and
// their sums are added in order, so that a likelihood is the same to the last bit on every machine of the same arithmetic.
const blockSize = 4096

// block is a stretch of one run.
type block struct{ run, from, to int }

func blocks(runs []run) []block {
	var out []block
	for i, r := range runs {
		for from := r.from; from < r.to; from += blockSize {
			out = append(out, block{i, from, min(from+blockSize, r.to)})
		}
	}
	return out
}

// inParallel does work(0) … work(n−1), on several processors when weight, the number of histories, makes it worth while.
func inParallel(n, weight int, work func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), n, 1+weight/blockSize)
	if workers <= 1 {
		for i := range n {
			work(i)
		}
		return
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				work(i)
			}
		})
	}
	wait.Wait()
}
