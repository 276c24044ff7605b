package engine

import (
	"crypto/hmac"
	"crypto/sha256"
)

// Subject is whom an erasure or an export is about.
type Subject string

// A customer, by customer_id with all ids merged into it or with it; or
// somebody who works here, by person_id.
const (
	ACustomer Subject = "customer"
	APerson   Subject = "person"
)

// Marked is who somebody is, as far as the books know: everything that must
// not be found again after an erasure.
type Marked struct {
	Subject Subject
	IDs     []string // customer ids with all that are linked to them, or one person id
	Keys    []Key    // of the ids; none for people
	Emails  []string
	Names   []string
}

// Texts lists all markers.
func (m Marked) Texts() []string {
	var out []string
	for _, some := range [][]string{m.IDs, m.Emails, m.Names} {
		out = append(out, some...)
	}
	return out
}

// ErasedText stands where a required text stood.
const ErasedText = "[erased]"

// Forgotten is one marker of somebody who was erased, as its hash under a
// secret. Sources that are not ours may still hold the person: a later import
// knows the marker by its hash and keeps the identity out again.
type Forgotten struct {
	Subject   Subject
	Kind      string // "id", "email" or "name"
	Hash      [32]byte
	Tombstone string // stands for the id wherever a row named it
	Words     int    // how many words the marker has in running text
}

// Memory is what an import must not bring back: the forgotten markers and the
// secret that they are hashed under. The zero Memory forgets nobody.
type Memory struct {
	Secret    []byte
	Forgotten []Forgotten
}

// Forget hashes the markers of somebody, for the memory of later imports.
// Every id gets a tombstone of its own, in the order of m.IDs.
func (m Memory) Forget(who Marked, tombstones []string) []Forgotten {
	var out []Forgotten
	add := func(kind, text, tombstone string) {
		out = append(out, Forgotten{Subject: who.Subject, Kind: kind, Hash: m.Hash(who.Subject, kind, text), Tombstone: tombstone, Words: len(words(text))})
	}
	for i, id := range who.IDs {
		add("id", id, tombstones[i])
	}
	for _, email := range who.Emails {
		add("email", email, "")
	}
	for _, name := range who.Names {
		add("name", name, "")
	}
	return out
}

// Hash is a marker's hash. An id counts as it is written, an e-mail address
// and a name by their words.
func (m Memory) Hash(subject Subject, kind, text string) [32]byte {
	h := hmac.New(sha256.New, m.Secret)
	_, _ = h.Write([]byte("throughline forgotten\x00" + string(subject) + "\x00" + kind + "\x00" + text)) // a hash takes every byte
	return [32]byte(h.Sum(nil))
}

// Rewrite asks an engine to take somebody out of parts.
type Rewrite struct {
	Who        Marked
	Tombstones []string // for each of Who.IDs
	Memory     Memory   // with the forgotten markers of Who among them
	Keys       []string // the dictionary's parts, as they are before
	Folder     string   // where rewritten parts go, relative to the data folder
}

// Rewritten is a part without the person.
type Rewritten struct {
	Part
	Rows map[string]int64 // what was changed, by column: how many rows
	// Same is set when the file is as it was and only the rows' fingerprint is
	// another, because an id that the rows name by its key is another.
	Same bool
}
