package access

import (
	"cmp"
	"slices"
	"strings"
)

// Circle is about whom a user may see figures, where a right says "within
// reach": the departments as a whole, and single persons.
type Circle struct {
	Everybody   bool
	Departments []string // with everything below them; sorted
	Users       []int64  // sorted
	Persons     []string // ids in the book of people; sorted
}

// Reach works out a user's reach. People and auditors reach everybody. A
// department head reaches their own department and those below it, by name
// (Care reaches Care/Phone), and the departments of heads who report to them
// down the line. Everybody reaches themselves and, as their manager, all who
// report to them down the line.
func Reach(u User, all []User) Circle {
	if u.ID == 0 || u.Disabled {
		return Circle{}
	}
	if u.Has(People) || u.Has(Auditor) {
		return Circle{Everybody: true}
	}
	r := Circle{Users: down(u.ID, all)}
	if !u.May(OwnPart) {
		r.Users = nil
	}
	if u.Has(DepartmentHead) {
		for _, other := range all {
			if slices.Contains(r.Users, other.ID) && (other.ID == u.ID || other.Has(DepartmentHead)) && other.Department != "" {
				r.Departments = append(r.Departments, other.Department)
			}
		}
		for _, other := range all {
			if r.Department(other.Department) {
				r.Users = append(r.Users, other.ID)
			}
		}
	}
	for _, other := range all {
		if slices.Contains(r.Users, other.ID) && other.PersonID != "" {
			r.Persons = append(r.Persons, other.PersonID)
		}
	}
	r.Departments, r.Users, r.Persons = sorted(r.Departments), sorted(r.Users), sorted(r.Persons)
	return r
}

// down lists a user and all who report to them, whatever rings the manager
// line should hold.
func down(id int64, all []User) []int64 {
	out := []int64{id}
	for i := 0; i < len(out); i++ {
		for _, u := range all {
			if u.Manager == out[i] && !slices.Contains(out, u.ID) {
				out = append(out, u.ID)
			}
		}
	}
	return out
}

// Department tells whether a department lies within reach.
func (r Circle) Department(name string) bool {
	if r.Everybody {
		return true
	}
	return name != "" && slices.ContainsFunc(r.Departments, func(d string) bool { return name == d || strings.HasPrefix(name, d+"/") })
}

// Person tells whether somebody in the book of people lies within reach, by
// their id or by the department that the book says they are in.
func (r Circle) Person(id, department string) bool {
	return r.Everybody || id != "" && slices.Contains(r.Persons, id) || r.Department(department)
}

// User tells whether a user lies within reach.
func (r Circle) User(id int64) bool { return r.Everybody || slices.Contains(r.Users, id) }

func sorted[T cmp.Ordered](s []T) []T {
	slices.Sort(s)
	return slices.Compact(s)
}
