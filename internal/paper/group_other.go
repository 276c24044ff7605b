//go:build !unix

package paper

import "os/exec"

func grouped(*exec.Cmd) {}

func endGroup(*exec.Cmd) error { return nil }
