// Package arch owns nothing but a test: the one that holds the code to the
// picture in ARCHITECTURE.md. It says which package may import which, where
// the drivers are fenced in, and who may read the clock or end the process.
//
// The invariant: a package that is not in the picture, or an import that the
// picture does not draw, fails the build with what to do about it.
package arch
