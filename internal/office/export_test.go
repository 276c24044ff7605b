package office

// Mark names a reader as notices do.
func Mark(to string) string { return mark(to) }

// Age has a download look at the books before it sends more.
func (d *Download) Age() { d.looked = d.looked.Add(-2 * lookAgain) }
