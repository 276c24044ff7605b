package main

import "github.com/spf13/cobra"

func (a *app) initCommand() *cobra.Command  { return &cobra.Command{Use: "init DIR"} }
func (a *app) checkCommand() *cobra.Command { return &cobra.Command{Use: "check"} }
func (a *app) demoCommand() *cobra.Command  { return &cobra.Command{Use: "demo"} }
func (a *app) simCommand() *cobra.Command   { return &cobra.Command{Use: "sim"} }
