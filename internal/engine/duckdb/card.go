package duckdb

import (
	"encoding/json"
	"fmt"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/engine"
)

// card is what an index keeps of a customer, as one line of JSON.
type card struct {
	Key       engine.Key    `json:"k"`
	ID        string        `json:"i"`
	Name      string        `json:"n"`
	Email     string        `json:"e"`
	Segment   string        `json:"s"`
	Entity    string        `json:"y"`
	Account   string        `json:"a"`
	Household string        `json:"h"`
	Acquired  *calendar.Day `json:"o"`
	Via       string        `json:"v"`
	How       string        `json:"w"`
	Referrer  string        `json:"r"`
	Excluded  string        `json:"x"`
	Known     bool          `json:"u"`
	Merged    engine.Key    `json:"m"`
	Others    []engine.Key  `json:"j"` // merged into this one
	SentBy    engine.Key    `json:"q"`
	Sent      int64         `json:"g"` // how many it sent
	SentFirst []engine.Key  `json:"d"` // the first of them
	Lines     int64         `json:"l"`
	First     *calendar.Day `json:"f"`
	Last      *calendar.Day `json:"z"`
	Sale      *calendar.Day `json:"b"`
	Revenue   []struct {
		Currency string `json:"c"`
		Amount   string `json:"a"`
	} `json:"t"`
	Parts []uint64 `json:"p"` // bits of the parts that hold it
}

// read gets the cards of keys, in their order.
func (x *index) read(keys []engine.Key) ([]card, error) {
	out := make([]card, 0, len(keys))
	err := x.cards.lines(keys, func(_ engine.Key, line []byte) error {
		var c card
		if err := json.Unmarshal(line, &c); err != nil {
			return fmt.Errorf("read a card: %w", err)
		}
		out = append(out, c)
		return nil
	})
	return out, err
}

// shown is a card as its seer may see it.
func (c card) shown(to engine.Seer) engine.Customer {
	out := engine.Customer{
		Key: c.Key, Pseudonym: to.Veil.Cover(c.Key), Known: c.Known, Segment: c.Segment, Entity: c.Entity, AcquiredOn: c.Acquired, Via: c.Via, How: c.How,
		Excluded: c.Excluded, MergedInto: c.Merged, Lines: c.Lines, FirstLine: c.First, LastLine: c.Last, FirstSale: c.Sale,
	}
	for _, t := range c.Revenue {
		out.Revenue = append(out.Revenue, engine.Total{Currency: t.Currency, Amount: amount(t.Amount)})
	}
	if to.Identified {
		out.Identity = &engine.Identity{ID: c.ID, Name: c.Name, Email: c.Email, AccountID: c.Account, HouseholdID: c.Household, ReferredBy: c.Referrer}
	}
	return out
}

// customers reads what keys stand for, as their seer may see it.
func (x *index) customers(keys []engine.Key, to engine.Seer) ([]engine.Customer, error) {
	read, err := x.read(keys)
	if err != nil {
		return nil, err
	}
	out := make([]engine.Customer, len(read))
	for i, c := range read {
		out[i] = c.shown(to)
	}
	return out, nil
}

// listed reads customers as a list shows them: the id that stands with what
// all of its ids come to, as on its page, and one that was merged with the
// customer that it is part of. The cards of other ids are read where there are
// some.
func (x *index) listed(keys []engine.Key, to engine.Seer) ([]engine.Customer, error) {
	read, err := x.read(keys)
	if err != nil {
		return nil, err
	}
	var linked []engine.Key
	for _, c := range read {
		linked = append(linked, c.Others...)
		if c.Merged != 0 {
			linked = append(linked, c.Merged)
		}
	}
	cards := map[engine.Key]card{}
	if len(linked) > 0 {
		others, err := x.read(linked)
		if err != nil {
			return nil, err
		}
		for _, c := range others {
			cards[c.Key] = c
		}
	}
	out := make([]engine.Customer, len(read))
	for i, c := range read {
		all := []card{c}
		for _, key := range c.Others {
			all = append(all, cards[key])
		}
		out[i] = together(all).shown(to)
		if c.Merged != 0 {
			whole := cards[c.Merged].shown(to)
			out[i].PartOf = &whole
		}
	}
	return out, nil
}
