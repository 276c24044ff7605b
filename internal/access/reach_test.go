package access

import (
	"slices"
	"testing"
)

// staff is a company of a few: 1 runs it; 2 heads Care and 3 heads Sales and
// both report to 1; 4 and 5 work in Care/Phone and Care/Mail under 2; 6 leads
// a group in Sales without heading it, and 7 is in it; 8 heads Kitchen and
// reports to 3; 9 was left without a manager.
var staff = []User{
	{ID: 1, Roles: []Role{Executive}, PersonID: "p1"},
	{ID: 2, Roles: []Role{DepartmentHead}, Department: "Care", Manager: 1, PersonID: "p2"},
	{ID: 3, Roles: []Role{DepartmentHead}, Department: "Sales", Manager: 1, PersonID: "p3"},
	{ID: 4, Roles: []Role{Employee}, Department: "Care/Phone", Manager: 2, PersonID: "p4"},
	{ID: 5, Roles: []Role{Employee}, Department: "Care/Mail", PersonID: "p5"},
	{ID: 6, Roles: []Role{Employee}, Department: "Sales", Manager: 3, PersonID: "p6"},
	{ID: 7, Roles: []Role{Employee}, Department: "Sales", Manager: 6},
	{ID: 8, Roles: []Role{DepartmentHead}, Department: "Kitchen", Manager: 3, PersonID: "p8"},
	{ID: 9, Roles: []Role{Analyst}, Department: "Careful analysis", PersonID: "p9"},
}

func TestReachFollowsDepartmentAndManagerLine(t *testing.T) {
	for _, c := range []struct {
		name        string
		user        int64
		departments []string
		users       []int64
		persons     []string
	}{
		{"a department head reaches the department and what is below it", 2, []string{"Care"}, []int64{2, 4, 5}, []string{"p2", "p4", "p5"}},
		{"and the departments of heads down the line", 3, []string{"Kitchen", "Sales"}, []int64{3, 6, 7, 8}, []string{"p3", "p6", "p8"}},
		{"a manager reaches who reports to them, and no department", 6, nil, []int64{6, 7}, []string{"p6"}},
		{"an executive reaches who reports to them", 1, nil, []int64{1, 2, 3, 4, 6, 7, 8}, []string{"p1", "p2", "p3", "p4", "p6", "p8"}},
		{"an employee reaches themselves", 4, nil, []int64{4}, []string{"p4"}},
		{"an analyst reaches nobody, not even themselves", 9, nil, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Reach(staff[c.user-1], staff)
			if got.Everybody || !slices.Equal(got.Departments, c.departments) || !slices.Equal(got.Users, c.users) || !slices.Equal(got.Persons, c.persons) {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestADepartmentIsBelowAnotherByItsLevelsAlone(t *testing.T) {
	r := Reach(staff[1], staff)
	for name, want := range map[string]bool{"Care": true, "Care/Phone": true, "Care/Phone/Night": true, "Careful analysis": false, "Sales": false, "": false} {
		if got := r.Department(name); got != want {
			t.Errorf("Care reaches %q: %v", name, got)
		}
	}
	if !r.Person("p77", "Care/Mail") || r.Person("p77", "Sales") || r.Person("", "") {
		t.Error("somebody in the book of people is reached by their department alone")
	}
}

func TestPeopleAndAuditorsReachEverybodyAndTheDisabledNobody(t *testing.T) {
	for _, role := range []Role{People, Auditor} {
		if r := Reach(User{ID: 20, Roles: []Role{role}}, staff); !r.Everybody || !r.Department("Sales") || !r.Person("p6", "") || !r.User(3) {
			t.Errorf("%s reaches %+v", role, r)
		}
	}
	gone := staff[1]
	gone.Disabled = true
	if r := Reach(gone, staff); r.Everybody || len(r.Users) > 0 || r.Department("Care") {
		t.Errorf("somebody disabled reaches %+v", r)
	}
}

func TestAManagerLineThatIsARingEnds(t *testing.T) {
	ring := []User{{ID: 1, Roles: []Role{Employee}, Manager: 2}, {ID: 2, Roles: []Role{Employee}, Manager: 1}}
	if got := Reach(ring[0], ring).Users; !slices.Equal(got, []int64{1, 2}) {
		t.Errorf("reaches %v", got)
	}
}
