package ledger

import (
	"io"
	"strings"
)

// Characters that end a description of hledger or begin its comment or its
// note, and in a comment those that begin a tag or end it, or a date.
var (
	inDescription = meaning(";|")
	inCode        = meaning(";|()")
	inComment     = meaning(";|:,[]")
)

// WriteHledger writes the journal as hledger 1.25 reads it in strict mode: the
// commodity with as many decimals as the longest amount, every account with its
// own words as the tag `label`, the id as a transaction's code, marks and memos
// as tags. A last transaction moves nothing and asserts every balance. Texts
// stand on one line; characters that mean something to hledger there stand in
// their full-width forms.
func (j *Journal) WriteHledger(w io.Writer) error {
	p := j.pages()
	return written("hledger", p.hledger(newPrinter(w)))
}

func (p *pages) hledger(out *printer) error {
	b := p.heading(nil)
	b = append(b, "decimal-mark .\ncommodity 1000."+strings.Repeat("0", p.decimals)+" "+p.currency+"\n\n"...)
	for _, o := range p.opened {
		b = append(b, "account "+string(o.name)+"\n"...)
		if label := o.name.label(); label != "" {
			b = oneLine(append(b, "    ; label: "...), label, inComment)
			b = append(b, '\n')
		}
	}
	for _, at := range p.order {
		if _, err := out.to.Write(b); err != nil {
			return err
		}
		b = p.hledgerEntry(b[:0], out, p.entries[at])
	}
	if len(p.closing) > 0 {
		b = append(b, "\n"+p.last().String()+" * Balances\n"...)
		for _, h := range p.closing {
			b = append(b, "    "+string(h.name)+"  0 "+p.currency+" = "...)
			b = append(h.sum.append(b, p.places), " "+p.currency+"\n"...)
		}
	}
	if _, err := out.to.Write(b); err != nil {
		return err
	}
	return out.to.Flush()
}

func (p *pages) hledgerEntry(b []byte, out *printer, e *entry) []byte {
	b = append(b, '\n')
	b = append(b, out.date(e.day)...)
	b = oneLine(append(b, " * ("...), e.id, inCode)
	b = append(b, ')')
	if e.text != "" {
		b = oneLine(append(b, ' '), e.text, inDescription)
	}
	b = append(b, '\n')
	for _, m := range e.marks {
		b = append(b, "    ; "+m.key+": "...)
		b = append(oneLine(b, m.value, inComment), '\n')
	}
	for i := range e.postings {
		x := &e.postings[i]
		b = p.hledgerLine(b, x.to, x.amount)
		if x.memo != "" {
			b = oneLine(append(b, "  ; memo: "...), x.memo, inComment)
		}
		b = append(b, '\n')
		b = append(p.hledgerLine(b, x.from, x.amount.neg()), '\n')
	}
	return b
}

func (p *pages) hledgerLine(b []byte, account int32, amount sum) []byte {
	b = append(b, "    "...)
	b = append(b, p.names[account]...)
	b = append(b, "  "...)
	b = append(amount.append(b, p.places), ' ')
	return append(b, p.currency...)
}
