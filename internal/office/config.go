package office

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/throughline/throughline/internal/books"
)

// configReader keeps the settings while the file is the same.
type configReader struct {
	mu        sync.Mutex
	at        time.Time
	size      int64
	config    *books.Config
	simulated bool
}

// truthFile stands beside the books of a simulated company; sim writes it. A backup holds books.yaml alone, which says it too.
const truthFile = "truth.json"

func (r *configReader) read(path string) (*books.Config, bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	info, err := os.Stat(path)
	if err != nil {
		return nil, false, err
	}
	if r.config != nil && info.ModTime().Equal(r.at) && info.Size() == r.size {
		return r.config, r.simulated, nil
	}
	config, err := books.ReadConfig(path)
	if err != nil {
		return nil, false, err
	}
	_, err = os.Stat(filepath.Join(filepath.Dir(path), truthFile))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, false, err
	}
	r.config, r.at, r.size, r.simulated = config, info.ModTime(), info.Size(), err == nil || config.Simulated
	return config, r.simulated, nil
}
