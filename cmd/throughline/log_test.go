package main

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

// Whoever writes a line, nothing of the books or of a person stands in it.
func TestALogLineQuotesNobody(t *testing.T) {
	var b bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&b, &slog.HandlerOptions{ReplaceAttr: bare}))
	secret := errors.New(`read "MARK": Could not convert string 'MARK' to DOUBLE, mark@MARK.example, /home/MARK/orders.csv`)
	log.Error("page", slog.String("route", "GET /customers/{customer}"), slog.String("error", secret.Error()), slog.Any("defect", secret), slog.Int("job", 7))
	log.With("kind", "close").WithGroup("of").Warn("a job met a fault", "why", secret)
	text := b.String()
	if strings.Contains(text, "MARK") || strings.Contains(text, "@") {
		t.Errorf("the log says %s", text)
	}
	for _, want := range []string{"GET /customers/{customer}", "orders.csv", "to DOUBLE", `"job":7`, `"kind":"close"`} {
		if !strings.Contains(text, want) {
			t.Errorf("the log lacks %s: %s", want, text)
		}
	}
}
