package books

import "os"

// systemState is not told here; size and modification time have to do.
func systemState(os.FileInfo) (change, inode int64) { return 0, 0 }
