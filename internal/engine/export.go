package engine

import "github.com/throughline/throughline/calendar"

// BookExport asks for the rows of a book as a file.
type BookExport struct {
	Book   string
	Format string           // one of ExportFormats
	Period *calendar.Period // only rows of these days; nil: all, those without a day among them
	To     string           // path of the file, which is written over
	// Veil has customers written under pseudonyms: without their ids, the ids of
	// rows that others could lead back to them, their names and what they wrote.
	// Nil: as they are.
	Veil    *Veil
	Without []string // columns that are left out besides
}

// ExportFormats are the formats that a book's rows are written in.
var ExportFormats = []string{"ndjson", "csv", "parquet", "xlsx"}

// Exported says what was written.
type Exported struct {
	Rows int64
	Cut  int64 // texts that a cell of a workbook could not hold whole
}
