package ledger

import (
	"io"
	"unicode/utf8"
)

// WriteBeancount writes the journal as Beancount 2 reads it. Every account is
// opened on the day of its first posting, with its own words as `label` where
// its name is not them. A transaction's id is its metadata `id`, beside its
// marks. Balance assertions stand at the end, for the start of the day after
// the last transaction, so that bean-check verifies every balance to the last
// decimal; Beancount counts the accounts below one into its balance. Texts are quoted; what cannot be printed stands as U+FFFD.
func (j *Journal) WriteBeancount(w io.Writer) error {
	p := j.pages()
	return written("Beancount", p.beancount(newPrinter(w)))
}

func (p *pages) beancount(out *printer) error {
	b := p.heading(nil)
	b = append(b, "option \"operating_currency\" \""+p.currency+"\"\n\n"...)
	for _, o := range p.opened {
		b = append(b, o.first.String()+" open "+string(o.name)+" "+p.currency+"\n"...)
		if label := o.name.label(); label != "" {
			b = quoted(append(b, "  label: "...), label)
			b = append(b, '\n')
		}
	}
	for _, at := range p.order {
		if _, err := out.to.Write(b); err != nil {
			return err
		}
		b = p.beancountEntry(b[:0], out, p.entries[at])
	}
	if len(p.closing) > 0 {
		b = append(b, '\n')
		after := (p.last() + 1).String()
		totals := rolled(p.closing)
		for _, h := range p.closing {
			b = append(b, after+" balance "+string(h.name)+"  "...)
			b = append(totals[h.name].append(b, p.places), " ~ 0 "+p.currency+"\n"...)
		}
	}
	if _, err := out.to.Write(b); err != nil {
		return err
	}
	return out.to.Flush()
}

func (p *pages) beancountEntry(b []byte, out *printer, e *entry) []byte {
	b = append(b, '\n')
	b = append(b, out.date(e.day)...)
	b = quoted(append(b, " * "...), e.text)
	b = quoted(append(b, "\n  id: "...), e.id)
	b = append(b, '\n')
	for _, m := range e.marks {
		b = append(b, "  "+m.key+": "...)
		b = append(quoted(b, m.value), '\n')
	}
	for i := range e.postings {
		x := &e.postings[i]
		b = p.beancountLine(b, x.to, x.amount)
		if x.memo != "" {
			b = quoted(append(b, "    memo: "...), x.memo)
			b = append(b, '\n')
		}
		b = p.beancountLine(b, x.from, x.amount.neg())
	}
	return b
}

func (p *pages) beancountLine(b []byte, account int32, amount sum) []byte {
	b = append(b, "  "...)
	b = append(b, p.names[account]...)
	b = append(b, "  "...)
	b = append(amount.append(b, p.places), ' ')
	return append(append(b, p.currency...), '\n')
}

var inQuotes = meaning(`"\`)

// quoted is a text as a string of Beancount.
func quoted(to []byte, text string) []byte {
	to = append(to, '"')
	if plainText(text, inQuotes) {
		return append(append(to, text...), '"')
	}
	for _, r := range text {
		switch r {
		case '"', '\\':
			to = append(to, '\\', byte(r))
		case '\n':
			to = append(to, `\n`...)
		case '\t':
			to = append(to, `\t`...)
		case '\r':
			to = append(to, `\r`...)
		default:
			to = utf8.AppendRune(to, visible(r))
		}
	}
	return append(to, '"')
}
