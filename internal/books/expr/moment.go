package expr

// moment reads text as a local time. Without formats it is ISO 8601; the engine's casts accept more, so a pattern
// stands before them. A text with an offset is an instant, made local; one without is local already.
func (r *renderer) moment(text string, formats []string) string {
	if len(formats) == 0 {
		return r.iso(text)
	}
	var local, zone []string
	for _, f := range formats {
		if zoned(f) {
			zone = append(zone, quote(f))
		} else {
			local = append(local, quote(f))
		}
	}
	// Formats with and without a zone are asked apart: in one list, the engine would take the texts without one to be
	// in the session's zone.
	var out []string
	if len(local) > 0 {
		out = append(out, r.write(inYears, r.strptime(text, local)))
	}
	if len(zone) > 0 {
		out = append(out, r.write(inYearsZone, r.strptime(text, zone), quote(r.reading.zone)))
	}
	if len(out) == 1 {
		return "(" + out[0] + ")"
	}
	return r.write("COALESCE(%s)", r.join(out, ", "))
}

func (r *renderer) strptime(text string, formats []string) string {
	if len(formats) == 1 {
		return r.write("try_strptime(trim(%s), %s)", text, formats[0])
	}
	return r.write("try_strptime(trim(%s), list_value(%s))", text, r.join(formats, ", "))
}

func (r *renderer) iso(text string) string {
	// DuckDB reads an offset only after seconds.
	instant := r.write(`TRY_CAST(regexp_replace(trim(%s), '^(.{16})(Z|[+-].*)$', '\1:00\2') AS TIMESTAMPTZ)`, text)
	return r.write("COALESCE(TRY_CAST(regexp_extract(trim(%[1]s), %[2]s) AS TIMESTAMP), CASE WHEN regexp_full_match(trim(%[1]s), %[3]s) THEN %[4]s END)",
		text, quote(isoLocal), quote(isoOffset), r.write(inYearsZone, instant, quote(r.reading.zone)))
}
