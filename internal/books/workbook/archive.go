package workbook

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// Bounds of what a workbook may unpack to. Real sheets shrink five- to fiftyfold in their zip file; a bomb shrinks a
// thousandfold.
const (
	maxSheet   = 4 << 30   // bytes of XML of the sheet, which is streamed
	maxStrings = 512 << 20 // bytes of XML of the shared texts, whose text is held in memory
	maxPart    = 64 << 20  // bytes of XML of any other part
	maxToken   = 4 << 20   // bytes of XML of one element's text or attributes
	maxDepth   = 100       // elements within each other
	maxShrink  = 400       // how many times a part above bombSize may be larger unpacked
	bombSize   = 16 << 20
)

// archive is the parts of a workbook by their names in lower case, without a leading slash.
type archive map[string]*zip.File

// openArchive reads the directory of the zip file and refuses what is no workbook of this kind.
func openArchive(f *counter) (archive, error) {
	head := make([]byte, len(oleMagic))
	if _, err := f.ReadAt(head, 0); err != nil && err != io.EOF {
		return nil, problem("", "cannot be read", err)
	}
	if string(head) == oleMagic {
		return nil, oldOrEncrypted(f)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, problem("", "cannot be read", err)
	}
	z, err := zip.NewReader(f, info.Size())
	if err != nil {
		return nil, problem("", "is a torn workbook or zip file: its directory, which stands at its end, cannot be read; export or copy it again", err)
	}
	parts := archive{}
	for _, part := range z.File {
		name := strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(part.Name, `\`, "/"), "/"))
		if _, again := parts[name]; !again {
			parts[name] = part
		}
	}
	return parts, parts.foreign()
}

// foreign names what is in a zip file, if not a workbook.
func (a archive) foreign() error {
	switch {
	case a["xl/workbook.bin"] != nil:
		return problem("", "is a binary workbook (.xlsb), which is not read: save it as .xlsx", nil)
	case a["[content_types].xml"] != nil:
		return nil
	case a["content.xml"] != nil && a["mimetype"] != nil:
		return problem("", "is an OpenDocument file (.ods), which is not read: save it as .xlsx", nil)
	}
	return problem("", "is a zip file, but not a workbook: unpack it and name the files in it", nil)
}

// oldOrEncrypted tells an encrypted workbook from an .xls: both are a container of named streams (MS-CFB), whose names
// are in UTF-16; an encrypted one has a stream "EncryptedPackage" (MS-OFFCRYPTO 2.3.4).
func oldOrEncrypted(f *counter) error {
	const sought = "E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00"
	r := bufio.NewReader(io.NewSectionReader(f, 0, 1<<40))
	chunk, kept := make([]byte, 64<<10), 0
	for {
		n, err := r.Read(chunk[kept:])
		if strings.Contains(string(chunk[:kept+n]), sought) {
			return problem("", "is protected by a password: save it without one", nil)
		}
		if err == io.EOF {
			return problem("", "is an old workbook (.xls), which is not read: save it as .xlsx", nil)
		}
		if err != nil {
			return problem("", "cannot be read", err)
		}
		kept = copy(chunk, chunk[max(0, kept+n-len(sought)):kept+n])
	}
}

// open starts reading a part; what names it in errors.
func (a archive) open(name, what string, limit uint64) (*tokens, error) {
	part := a[strings.ToLower(strings.TrimPrefix(name, "/"))]
	if part == nil {
		return nil, problem("", what+" is missing from the workbook; export it again", nil)
	}
	size, packed := part.UncompressedSize64, max(part.CompressedSize64, 1)
	switch {
	case part.Flags&1 != 0:
		return nil, problem("", "is protected by a password: save it without one", nil)
	case size > limit:
		return nil, problem("", fmt.Sprintf("%s unpacks to %d MiB, more than the %d MiB that are read; export it as CSV", what, size>>20, limit>>20), nil)
	case size > bombSize && size/packed > maxShrink:
		return nil, problem("", fmt.Sprintf("%s unpacks to %d times its size, as no sheet does; it is not read", what, size/packed), nil)
	}
	r, err := part.Open()
	if err != nil {
		return nil, damaged(what, err)
	}
	t := &tokens{what: what, part: r, limited: &limited{r: io.LimitReader(r, int64(limit)+1)}}
	t.d = xml.NewDecoder(bufio.NewReaderSize(t.limited, 64<<10))
	return t, nil
}

// limited bounds how much is read for one token.
type limited struct {
	r    io.Reader
	left int
}

var errToken = errors.New("one value is longer than any that a sheet may hold")

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errToken
	}
	n, err := l.r.Read(p)
	l.left -= n
	return n, err
}

// tokens are the elements and texts of a part.
type tokens struct {
	what    string
	part    io.ReadCloser
	limited *limited
	d       *xml.Decoder
	depth   int
}

// next gives the next token, valid until the call after. io.EOF comes only when every element is closed and the part's
// checksum is right.
func (t *tokens) next() (xml.Token, error) {
	t.limited.left = maxToken
	token, err := t.d.Token()
	switch token.(type) {
	case xml.StartElement:
		t.depth++
	case xml.EndElement:
		t.depth--
	}
	switch {
	case err == io.EOF:
		return nil, io.EOF
	case err != nil:
		return nil, damaged(t.what, err)
	case t.depth > maxDepth:
		return nil, problem("", t.what+" is nested deeper than any sheet; it is not read", nil)
	}
	return token, nil
}

func (t *tokens) close() { _ = t.part.Close() } // only read from

// each visits every element of a part, and its end with a nil start.
func (a archive) each(name, what string, visit func(start *xml.StartElement, end string)) error {
	t, err := a.open(name, what, maxPart)
	if err != nil {
		return err
	}
	defer t.close()
	for {
		token, err := t.next()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
		switch e := token.(type) {
		case xml.StartElement:
			visit(&e, "")
		case xml.EndElement:
			visit(nil, e.Name.Local)
		}
	}
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// link is a relationship of a part to another (ISO/IEC 29500-2).
type link struct{ kind, target string }

// links reads the relationships of a part by their ids.
func (a archive) links(part string) (map[string]link, error) {
	dir, base := path.Split(part)
	out := map[string]link{}
	name := dir + "_rels/" + base + ".rels"
	if a[strings.ToLower(name)] == nil {
		return out, nil
	}
	return out, a.each(name, "the list of parts", func(e *xml.StartElement, _ string) {
		if e == nil || e.Name.Local != "Relationship" || attribute(*e, "TargetMode") == "External" {
			return
		}
		target := strings.ReplaceAll(attribute(*e, "Target"), `\`, "/")
		if !strings.HasPrefix(target, "/") {
			target = path.Join("/", dir, target)
		}
		kind := attribute(*e, "Type")
		out[attribute(*e, "Id")] = link{kind[strings.LastIndexByte(kind, '/')+1:], path.Clean(target)[1:]}
	})
}

// linked is the first part of a kind that is there, or what it is usually called.
func (a archive) linked(links map[string]link, kind, usual string) string {
	for _, l := range links {
		if l.kind == kind && a[strings.ToLower(l.target)] != nil {
			return l.target
		}
	}
	return usual
}
