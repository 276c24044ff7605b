package engine

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
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
	// Shared are addresses and names that other customers have as well: of a
	// namesake, of somebody in the same house, or of the same person under an
	// id that no link joins. They go from the person's own rows alone.
	Shared []string
}

// Texts lists all markers that nobody else has.
func (m Marked) Texts() []string { return slices.Concat(m.IDs, m.Emails, m.Names) }

// Provable are the markers that an erasure takes out of running text too, so
// that no byte may hold them afterwards. Those too short or too common to be
// told from other words go where they are a whole value.
func (m Marked) Provable() []string {
	return slices.DeleteFunc(m.Texts(), func(text string) bool { return !telling(text, words(text)) })
}

// ErasedText stands where a required text stood.
const ErasedText = "[erased]"

// Forgotten is one marker of somebody who was erased, as its hash under a
// secret. Sources that are not ours may still hold the person: a later import
// knows the marker by its hash and keeps the identity out again.
type Forgotten struct {
	Subject   Subject
	Kind      string // "id": a whole id; "text": words that may stand in a text
	Hash      [32]byte
	Tombstone string // of an id: what stands for it wherever a row named it
	Words     int    // of a text: how many words
}

// Memory is what an import must not bring back: the forgotten markers and the
// secret that they are hashed under. The zero Memory forgets nobody.
type Memory struct {
	Secret    []byte
	Forgotten []Forgotten
}

// Forget hashes the markers of somebody, for the memory of later imports.
// Every id has the tombstone in its place of the list.
func (m Memory) Forget(who Marked, tombstones []string) []Forgotten {
	var out []Forgotten
	h := hasher(m.Secret)
	for i, id := range who.IDs {
		out = append(out, Forgotten{Subject: who.Subject, Kind: "id", Hash: hashID(h, who.Subject, id), Tombstone: tombstones[i]})
	}
	for _, text := range who.Texts() {
		if w := words(text); telling(text, w) {
			out = append(out, Forgotten{Subject: who.Subject, Kind: "text", Hash: hashWords(h, w), Words: len(w)})
		}
	}
	return out
}

// maxMarkerWords bounds the markers that are looked for inside texts.
const maxMarkerWords = 8

// telling tells whether a marker says who somebody is when it stands inside a
// text: an e-mail address, two words of a name, or something long enough not
// to be a common word or number.
func telling(text string, words []string) bool {
	n := utf8.RuneCountInString(strings.Join(words, ""))
	if len(words) == 0 || len(words) > maxMarkerWords {
		return false
	}
	// Writing without blanks between words says more in fewer letters.
	return strings.Contains(text, "@") || n >= 6 || len(words) > 1 && n >= 4 || Dense(text) && n >= 2
}

// Recall knows forgotten markers again. It is safe for many goroutines.
type Recall struct {
	hashers sync.Pool
	ids     map[[32]byte]string // to tombstones
	texts   map[[32]byte]bool
	lengths []int // of texts, in words
}

// Recall opens a memory; it is nil when nobody is forgotten.
func (m Memory) Recall() *Recall {
	if len(m.Forgotten) == 0 {
		return nil
	}
	r := &Recall{ids: map[[32]byte]string{}, texts: map[[32]byte]bool{}}
	r.hashers.New = func() any { return hasher(m.Secret) }
	for _, f := range m.Forgotten {
		if f.Kind == "id" {
			r.ids[f.Hash] = f.Tombstone
			continue
		}
		r.texts[f.Hash] = true
		if !slices.Contains(r.lengths, f.Words) {
			r.lengths = append(r.lengths, f.Words)
		}
	}
	return r
}

// ID gives the tombstone of a forgotten id.
func (r *Recall) ID(subject Subject, id string) (tombstone string, ok bool) {
	h := r.hashers.Get().(hash.Hash)
	defer r.hashers.Put(h)
	tombstone, ok = r.ids[hashID(h, subject, id)]
	return tombstone, ok
}

// In tells whether a text holds a forgotten marker, whatever its case, accents
// and punctuation.
func (r *Recall) In(text string) bool {
	h := r.hashers.Get().(hash.Hash)
	defer r.hashers.Put(h)
	all := words(text)
	for _, n := range r.lengths {
		for i := 0; i+n <= len(all); i++ {
			if r.texts[hashWords(h, all[i:i+n])] {
				return true
			}
		}
	}
	return false
}

func hasher(secret []byte) hash.Hash {
	return hmac.New(sha256.New, append([]byte("throughline forgotten\x00"), secret...))
}

func hashID(h hash.Hash, subject Subject, id string) [32]byte {
	return sum(h, "id\x00"+string(subject)+"\x00"+id)
}

func hashWords(h hash.Hash, words []string) [32]byte {
	return sum(h, "text\x00"+strings.Join(words, " "))
}

func sum(h hash.Hash, text string) (out [32]byte) {
	h.Reset()
	_, _ = io.WriteString(h, text) // a hash takes every byte
	h.Sum(out[:0])
	return out
}

// Rewrite asks an engine to take somebody out of parts.
type Rewrite struct {
	Who    Marked
	Memory Memory   // with the forgotten markers of Who among them
	Keys   []string // the dictionary's parts, as they were before
	Folder string   // where rewritten parts go, relative to the data folder
}

// Rewritten is a part without the person.
type Rewritten struct {
	Part                     // as it is now
	Changed map[string]int64 // how many rows, by column
	// Same is set when the file is as it was and only the fingerprint of its
	// rows is another, because an id that they name by its key is another.
	Same bool
}

// Trace is a place where a marker was found.
type Trace struct {
	File   string // relative to the data folder
	Column string // of a Parquet file; empty: in the file's bytes
	Marker string
}

// TracedFiles lists each file that holds a trace once.
func TracedFiles(traces []Trace) (files []string) {
	for _, t := range traces {
		if !slices.Contains(files, t.File) {
			files = append(files, t.File)
		}
	}
	return files
}

func (t Trace) String() string {
	if t.Column == "" {
		return fmt.Sprintf("%q in the bytes of %s", t.Marker, t.File)
	}
	return fmt.Sprintf("%q in %s of %s", t.Marker, t.Column, t.File)
}
