package relational

import (
	"context"

	"github.com/throughline/throughline/closing"
)

// headColumns are those of a seal without what it holds, which is large.
const headColumns = "s.id, s.statement, s.label, s.at, s.snapshot, s.fingerprint, '', s.preparer, s.restates, '', ''"

// SealHeads lists every seal as Seals does, without inputs, differences and
// documents.
func (s *Store) SealHeads(ctx context.Context) ([]closing.Sealed, error) {
	out, err := all(ctx, s.ask(ctx), readSealed, "SELECT "+headColumns+`, n.id, v.reviewer, v.at, v.note FROM seal s
		LEFT JOIN seal n ON n.restates = s.id LEFT JOIN review v ON v.seal = s.id ORDER BY s.id`)
	return out, s.plain(ctx, "read seals from", err)
}
