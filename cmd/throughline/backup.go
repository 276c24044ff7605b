package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/backup"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/store/sqlite"
)

// place is where a company's state lies, for backups. What was dumped is tried
// in a SQLite store, whichever the company's own is.
func place(dir, config string) backup.Place {
	return backup.Place{
		Dir: dir, Config: config, Uploads: (&office.Office{Config: config}).FilesDir(),
		Scratch: func(ctx context.Context, dir string) (backup.Store, error) {
			return sqlite.Open(ctx, filepath.Join(dir, storeFile))
		},
	}
}

func (a *app) backupCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: "write the whole state of this moment into one file",
		Long: `Writes the program store, the parts of the books, the settings, the uploaded files
and the server's key into one file, as of one moment, while a server or a close
goes on working. The file holds personal data and the key: keep it as you keep
the data folder. A file that exists is never overwritten.`,
		Args: one("backup needs the file to write, such as backup-2026-11.tar"),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withState(c.Context(), func(co *company) error { return a.backup(c.Context(), co, args[0]) })
		},
	}
}

func one(lacks string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usage("%s", lacks)
		}
		return nil
	}
}

func (a *app) backup(ctx context.Context, co *company, to string) error {
	receipt, err := a.backedUp(ctx, co.office, co.store, place(co.dir, co.path), co.name(), to)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%s: %d files, %d bytes, the state of %s\n", to, receipt.Files, receipt.Bytes, receipt.Head.At.Format("2006-01-02 15:04:05 MST"))
	return nil
}

// backupTries is how often a backup is begun again because somebody was erased
// meanwhile.
const backupTries = 5

// backedUp writes a backup beside its name and gives it the name when it is
// whole and on the disk.
func (a *app) backedUp(ctx context.Context, o *office.Office, s backup.Store, from backup.Place, company, to string) (receipt backup.Receipt, err error) {
	if _, err := os.Lstat(to); err == nil {
		return receipt, &backup.Refusal{What: to + " is there already", Do: "name another file; a backup overwrites nothing"}
	}
	for range backupTries {
		receipt, err = a.backupOnce(ctx, o, s, from, company, to)
		if !errors.Is(err, office.ErrErasedMeanwhile) {
			return receipt, err
		}
	}
	return receipt, &backup.Refusal{What: "people are being erased one after another, and a backup must not hold them", Do: "take it again when that is done"}
}

func (a *app) backupOnce(ctx context.Context, o *office.Office, s backup.Store, from backup.Place, company, to string) (receipt backup.Receipt, err error) {
	mark, err := o.BackupMark(ctx)
	if err != nil {
		return receipt, err
	}
	f, err := os.CreateTemp(filepath.Dir(to), ".backup-*")
	if err != nil {
		return receipt, &backup.Refusal{What: fmt.Sprintf("%s cannot be written: %v", filepath.Dir(to), err), Do: "name a file in a folder that you may write"}
	}
	defer func() {
		if gone := os.Remove(f.Name()); !errors.Is(gone, fs.ErrNotExist) { // an erasure may have removed it
			err = errors.Join(err, gone)
		}
	}()
	receipt, err = backup.Take(ctx, from, s, backup.Head{Company: company, At: a.now()}, f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return receipt, err
	}
	return receipt, o.NameBackup(ctx, mark, func() error {
		// A link never replaces what somebody else has put there meanwhile.
		if err := os.Link(f.Name(), to); err != nil {
			return fmt.Errorf("name the backup: %w", err)
		}
		return nil
	})
}

func (a *app) restoreCommand() *cobra.Command {
	var check bool
	c := &cobra.Command{
		Use:   "restore FILE",
		Short: "bring a backup back into an empty place",
		Long: `Brings a backup back: --books and --data name where to, and nothing may be there
yet. Every file is held to its sum, and every seal that stands is then computed
again from the restored books: the fingerprints must be those that were sealed.
Sessions, one-time links and API tokens do not come back: people sign in again.`,
		Args: one("restore needs the file that `throughline backup` has written"),
		RunE: func(c *cobra.Command, args []string) error { return a.restore(c.Context(), args[0], check) },
	}
	c.Flags().BoolVar(&check, "check", false, "read the whole backup and hold it to its sums; restore nothing")
	return c
}

func (a *app) restore(ctx context.Context, from string, check bool) (err error) {
	f, err := os.Open(from)
	if err != nil {
		return &backup.Refusal{What: fmt.Sprintf("%s cannot be read: %v", from, err), Do: "name a file that `throughline backup` has written"}
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if check {
		receipt, err := backup.Read(ctx, f, func(string, io.Reader) error { return nil })
		if err != nil {
			return err
		}
		fmt.Fprintf(a.out, "%s is whole: %d files, %d bytes, the state of %s\n", from, receipt.Files, receipt.Bytes, receipt.Head.At.Format("2006-01-02 15:04:05 MST"))
		return nil
	}
	config, dir, err := a.folder()
	if err != nil {
		return err
	}
	receipt, err := backup.Restore(ctx, f, place(dir, config), func(ctx context.Context) (backup.Store, error) {
		return a.openStore(ctx, dir)
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "restored into %s: %d files, %d bytes, the state of %s\n", dir, receipt.Files, receipt.Bytes, receipt.Head.At.Format("2006-01-02 15:04:05 MST"))
	if err := a.signOutAll(ctx); err != nil {
		return err
	}
	if receipt.Head.Snapshot == 0 {
		return nil
	}
	return a.with(ctx, func(co *company) error { return a.verified(ctx, co) })
}

// signOutAll ends what a backup would bring back to life: sessions and links
// that were ended, and tokens that were revoked, after it was taken.
func (a *app) signOutAll(ctx context.Context) error {
	return a.withGate(ctx, false, func(g *access.Gate) error {
		revoked, err := g.EndEverything(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(a.out, "every session and one-time link is ended, %d API tokens are revoked; passwords, passkeys, roles and who is disabled are those of the backup: look through `throughline user list`\n", revoked)
		return nil
	})
}

// verified computes every seal's fingerprint once more and says so.
func (a *app) verified(ctx context.Context, co *company) error {
	all, err := co.office.Verify(ctx)
	if err != nil {
		return err
	}
	equal := 0
	for _, v := range all {
		if v.Equal {
			equal++
			continue
		}
		for _, c := range v.Dropped {
			fmt.Fprintf(a.out, "  %s (seal %d): %s; it stands and cannot be computed again\n", v.Label, v.Seal, c)
		}
		if len(v.Changed) == 0 {
			continue
		}
		fmt.Fprintf(a.out, "  %s (seal %d): the books differ from what was sealed, as after an erasure:\n", v.Label, v.Seal)
		for _, c := range v.Changed {
			fmt.Fprintf(a.out, "    %s\n", c)
		}
	}
	fmt.Fprintf(a.out, "%d of %d seals that stand have the fingerprint that was sealed\n", equal, len(all))
	return nil
}
