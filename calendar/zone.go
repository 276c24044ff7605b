package calendar

import (
	"fmt"
	"time"
	_ "time/tzdata" // so that zones are known on machines that bring no database of them
)

// LoadZone returns the time zone of that name in the IANA database, such as
// Europe/London. "Local" and the empty name are refused: books must not depend
// on the machine that reads them.
func LoadZone(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, fmt.Errorf("time zone %s is not a name of the IANA database, such as Europe/London or UTC", quote(name))
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("time zone %s is not in the IANA database", quote(name))
	}
	return loc, nil
}

// ZoneOrUTC is LoadZone for a name that was checked before; where there is
// none yet, days begin by UTC.
func ZoneOrUTC(name string) *time.Location {
	if zone, err := LoadZone(name); err == nil {
		return zone
	}
	return time.UTC
}
