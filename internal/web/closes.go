package web

import "strconv"

// closePath is the page of a seal: who prepared and reviewed it, and what became of it.
func closePath(seal int64) string { return "/closes/" + strconv.FormatInt(seal, 10) }
