package office

import (
	"os"
	"path/filepath"
	"sync"

	"github.com/throughline/throughline/internal/program"
)

// Intake is what an office needs to take in files and settings from people.
// What is left zero is not offered.
type Intake struct {
	Uploads   program.Uploads
	Documents program.Documents
	// Largest is how many bytes one file may have; 0: LargestUpload.
	Largest int64
	// Free tells how many bytes a folder's disk has left; nil: as the system
	// says, where it says so.
	Free func(dir string) (bytes int64, known bool)
}

// LargestUpload is how large a file may be unless a setting says otherwise.
const LargestUpload = 10 << 30

// intake is what the taking in of files and settings holds while it works.
type intake struct {
	settings sync.Mutex // held while books.yaml or its draft changes
	files    sync.Mutex // held while a file is given its name or its place
	writing  map[int64]bool
	tried    triedBooks
}

// largest is how many bytes one file may have.
func (o *Office) largest() int64 {
	if o.Largest > 0 {
		return o.Largest
	}
	return LargestUpload
}

// The folder of the files that people gave stands beside books.yaml, and below
// it, out of the sight of every pattern, what has not arrived whole.
const (
	filesFolder    = "files"
	incomingFolder = ".incoming"
)

// FilesDir is where the files that people gave lie.
func (o *Office) FilesDir() string { return filepath.Join(filepath.Dir(o.Config), filesFolder) }

func (o *Office) incoming() string { return filepath.Join(o.FilesDir(), incomingFolder) }

// free tells how much room the disk has left.
func (o *Office) free() (int64, bool) {
	dir := filepath.Dir(o.Config)
	if o.Free != nil {
		return o.Free(dir)
	}
	return freeBytes(dir)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// LargestFile is how many bytes one file may have.
func (o *Office) LargestFile() int64 { return o.largest() }
