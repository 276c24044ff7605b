package office

// Mark names a reader as notices do.
func Mark(to string) string { return mark(to) }
