package web

import (
	"encoding/json"
	"net/url"

	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/office"
)

// advice is what to do about a refusal, with the doors to where it is done. A refusal without a kind brings its own words,
// which are English; those for a kind are the page's.
type advice struct {
	Do    string
	Own   bool // the words are the page's
	Doors []door
}

// way is a door with the right that it takes to do something behind it. Whoever reads the books may look behind some all the same.
type way struct {
	right access.Right
	door
	look bool
}

// advise says in the pages' terms what the command line says in its own. Order is the close that was asked for; its zero
// value: none is known. Doors that are not the visitor's to open are left out, and whose they are is said.
func (v *visit) advise(why office.Outcome, order office.Order) advice {
	text, ways := v.adviseClose(why.Kind, why.Book, order)
	if text == "" {
		text, ways = v.adviseImport(why.Kind, why.Book)
	}
	if text == "" {
		text, ways = v.adviseQuestion(why.Kind)
	}
	if text == "" {
		return advice{Do: why.Do}
	}
	out := advice{Do: text, Own: true}
	acts := false
	for _, w := range ways {
		acts = acts || v.may(w.right)
		if v.may(w.right) || w.look && v.may(access.ReadBooks) {
			out.Doors = append(out.Doors, w.door)
		}
	}
	if !acts {
		out.Do += " " + v.t("It is for a role that may do so, such as the program lead.")
	}
	return out
}

// advised is what to do on the pages that read files, which are where the doors lead.
func (v *visit) advised(r *books.Refusal) string {
	if text, _ := v.adviseImport(r.Kind, r.Book); text != "" {
		return text
	}
	return r.Do
}

// adviseClose is for what a close refuses.
func (v *visit) adviseClose(kind, book string, order office.Order) (string, []way) {
	switch kind {
	case closing.NoLines:
		return v.t("Give a file of them, or say which of the files that are here holds them. If one was given, see which of its rows were refused, and why."), append([]way{v.giving()}, v.reading(book)...)
	case closing.NoCustomerID:
		return v.t("Say which column names the customer."), v.reading(book)
	case closing.GrainUnknown:
		return v.t("Say which column holds it, or count customers."), append(v.reading(book), v.setting("grain", v.t("Whom it counts")))
	case closing.Overlapping:
		return v.t("Say whether they are the same rows, or each stands for itself. A column that tells one row from another, such as a line's number, settles it for good."),
			append([]way{{access.ChangeBooks, door{Path: bookPath(book) + "#overlaps", Text: v.t("Say whether they are the same rows")}, true}}, v.mapping(book)...)
	case closing.ManyRefused:
		return v.t("Mend the file or the way in which it is read, and import it again; or allow more rows to be refused."),
			append([]way{{access.ChangeBooks, door{Path: bookPath(book) + "#refused", Text: v.t("The rows and their reasons")}, true}, v.giving()}, append(v.mapping(book), v.setting("refused_threshold", v.t("How many may be refused")))...)
	case closing.EmptyPeriod:
		return v.t("Close a period within them, or give the file that is missing."), []way{{access.Close, door{Path: "/closes#close", Text: v.t("Close another period")}, false}, v.giving()}
	case closing.NotKept:
		return v.t("Close a later period."), []way{{access.Close, door{Path: "/closes#close", Text: v.t("Close another period")}, false}, {access.ChangeSettings, door{Path: "/settings/retention", Text: v.t("How long rows are kept")}, true}}
	case closing.BooksChanged:
		return v.t("Compute it without sealing and look at what would move. From there a restatement is sealed, which stands beside the first seal."), v.closing(order)
	case closing.NothingSealed:
		return v.t("Close it; only what is sealed can be restated."), v.closing(order)
	case closing.NoComparison:
		return v.t("Name the period with which it is compared."), v.closing(order)
	}
	return "", nil
}

// adviseImport is for what an import refuses.
func (v *visit) adviseImport(kind, book string) (string, []way) {
	switch kind {
	case books.NoBooks:
		return v.t("Give the company's files, and say what each is."), append([]way{v.giving()}, v.reading("")...)
	case books.NoFile:
		return v.t("Give a file of the book, or say which of the files that are here it is."), append([]way{v.giving()}, v.reading(book)...)
	case books.FileGone:
		return v.t("Give the file again, or drop our copy of its rows."), []way{v.giving(), v.files(book)}
	case books.FileErased:
		return v.t("Give the file again without the person, take the change of how the book is read back, or drop our copy of its rows."), append([]way{v.giving(), v.files(book)}, v.mapping(book)...)
	case books.FileEmpty:
		return v.t("Export it again and give it anew, or take it out of the book."), append([]way{v.giving()}, v.mapping(book)...)
	case books.FileStays:
		return v.t("Take it out of the book before its rows are dropped."), append([]way{v.giving()}, v.mapping(book)...)
	case books.FileUnknown:
		return v.t("Choose it among the files of its book."), []way{v.files("")}
	case books.FileOutside:
		return v.t("Give the file here and write where it lies then, such as files/calendar.csv."), []way{v.giving()}
	case books.NoCurrency:
		return v.t("Write the code of the currency that the statements are in, such as EUR."), []way{v.setting("currency", v.t("Currency"))}
	case books.Unmappable:
		return v.t("Change how the book is read so that it fits its files, or give files that fit."), append(v.reading(book), v.giving())
	}
	return "", nil
}

// adviseQuestion is for what cannot be answered of the books as they are.
func (v *visit) adviseQuestion(kind string) (string, []way) {
	basis := v.setting("statement_basis", v.t("What revenue is made of"))
	switch kind {
	case engine.NoRates:
		return v.t("Give the rates of those days: the day, from and to which currency, and the rate."), append([]way{v.giving()}, v.mapping("rates")...)
	case engine.ReturnsLost:
		return v.t("Say which columns of the orders are the line's number and that of the sale, or count a return when it comes."), append(v.reading("orders"), v.setting("returns_counted", v.t("When a return counts")))
	case engine.LinksRing:
		return v.t("Take one of the links out of the file, and give it anew."), []way{v.giving(), v.files("customer_links")}
	case engine.ManyEntities:
		return v.t("Say which column of the orders holds the brand or legal entity."), v.reading("orders")
	case engine.BothUntold:
		return v.t("Say which columns are the product of the orders and the plan of the subscriptions, or make revenue of one of the two."), append(v.reading("orders"), append(v.mapping("subscriptions"), basis)...)
	case engine.OrdersUncounted:
		return v.t("Say which column of the orders is the quantity, or count orders by their ids or by the day."), append(v.reading("orders"), v.setting("orders_counted", v.t("What one order is")))
	case engine.CountingTwice:
		return v.t("Leave the invoices of subscriptions out of the orders, or make revenue of one of the two."), append(v.reading("orders"), basis)
	}
	return "", nil
}

// giving is where files are given.
func (v *visit) giving() way {
	return way{access.ChangeBooks, door{Path: "/start/files", Text: v.t("Give a file")}, false}
}

// mapping is where it is said how a book is read, for a book that is.
func (v *visit) mapping(book string) []way {
	if !v.founded {
		return nil
	}
	if _, mapped := v.company.Config.Books[book]; !mapped {
		return nil
	}
	return []way{{access.ChangeBooks, door{Path: startBookPath(book), Text: v.t("How %s is read", v.t(bookName(book)))}, false}}
}

// reading is where it is said what a file is, and the book as it is read.
func (v *visit) reading(book string) []way {
	if ways := v.mapping(book); ways != nil {
		return append(ways, way{access.ChangeBooks, door{Path: bookPath(book), Text: v.t("What was read of it")}, true})
	}
	return []way{{access.ChangeBooks, door{Path: "/start/books", Text: v.t("Say what each file is")}, false}}
}

// files is where the files of a book are listed, and dropped when they are gone.
func (v *visit) files(book string) way {
	if book == "" {
		return way{access.ChangeBooks, door{Path: "/books", Text: v.t("The books")}, true}
	}
	return way{access.ChangeBooks, door{Path: bookPath(book) + "#files", Text: v.t("The files of %s", v.t(bookName(book)))}, true}
}

func (v *visit) setting(name, text string) way {
	return way{access.ChangeSettings, door{Path: "/settings#" + name, Text: text}, false}
}

// closing is the form of the closes, filled in as it was asked.
func (v *visit) closing(order office.Order) []way {
	q := url.Values{}
	for name, value := range map[string]string{"period": order.Period, "compare": order.Compare} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if order.Active == growth.AnyLine {
		q.Set("active", string(growth.AnyLine))
	}
	at := door{Path: "/closes#close", Text: v.t("The closes")}
	if len(q) > 0 {
		at = door{Path: "/closes?" + q.Encode() + "#close", Text: v.t("Compute or close %s", v.periodName(order.Period))}
	}
	return []way{{access.Close, at, false}}
}

// orderOfJob is the close that a job was to make; of another job, or one of a later release, none.
func orderOfJob(j office.Job) (order office.Order) {
	if j.Kind != office.CloseJob || json.Unmarshal(j.Arguments, &order) != nil {
		return office.Order{}
	}
	return order
}
