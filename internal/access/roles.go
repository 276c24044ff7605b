package access

import (
	"maps"
	"slices"
	"strings"
)

// Role is what somebody does in the company, as far as rights go.
type Role string

// The roles.
const (
	Executive      Role = "executive"
	ProgramLead    Role = "program lead"
	Finance        Role = "finance"
	People         Role = "people"
	DepartmentHead Role = "department head"
	Employee       Role = "employee"
	Analyst        Role = "analyst"
	Auditor        Role = "auditor"
	Administrator  Role = "administrator"
)

// Roles are all roles, in the order in which they are shown.
var Roles = []Role{Executive, ProgramLead, Finance, People, DepartmentHead, Employee, Analyst, Auditor, Administrator}

// ParseRole reads a role, with hyphens for spaces where that is easier to type.
func ParseRole(text string) (Role, error) {
	r := Role(strings.ReplaceAll(strings.ToLower(strings.TrimSpace(text)), "-", " "))
	if !slices.Contains(Roles, r) {
		return "", &Refusal{Field: "role", What: "there is no role of that name", Do: "take one of " + joined(Roles)}
	}
	return r, nil
}

// Right is one thing that a person may do. Every route, verb and scope of an
// API token asks for one.
type Right string

// The rights.
const (
	Anyone         Right = "anyone"          // what needs no signing in
	OwnAccount     Right = "own-account"     // one's own password, passkeys, sessions, tokens
	OwnPart        Right = "own-part"        // what the books say about oneself and one's reports
	ReadStatements Right = "read-statements" // sealed statements, the Customer Room, definitions, questions
	ReadRows       Right = "read-rows"       // the customers behind a figure, under pseudonyms
	ReadCustomers  Right = "read-customers"  // who they are: id, name, mail, words
	ReadBooks      Right = "read-books"      // sources, freshness, coverage, counts of refused rows
	ReadPeople     Right = "read-people"     // single employees, within reach
	ReadUsers      Right = "read-users"      // the list of users and their roles
	ReadAudit      Right = "read-audit"      // the audit log
	ChangeBooks    Right = "change-books"    // uploads, mappings, imports
	ChangeSettings Right = "change-settings" // company, calendar, schedule, notices
	ChangeJourney  Right = "change-journey"  // promise, standards, journeys, touchpoints, roles
	Close          Right = "close"           // closes and restatements
	Review         Right = "review"          // reviewing what somebody else closed
	ManageUsers    Right = "manage-users"    // inviting, roles, disabling
	Erase          Right = "erase"           // erasing a person
	Export         Right = "export"          // all about a person, in one file
	Backup         Right = "backup"          // backups and their restoring
)

// Meaning says what a right is, for docs/rights.md and for whoever chooses
// the scopes of a token.
type Meaning struct {
	Right Right
	Text  string
}

// Rights are all rights with their meanings, in the order in which they are shown.
var Rights = []Meaning{
	{Anyone, "see what needs no signing in: the sign-in page, style sheets, pictures"},
	{OwnAccount, "change one's own password, passkeys, sessions, API tokens and language"},
	{OwnPart, "see what the books say about oneself, and about one's reports down the line; read what customers said of the touchpoints that one's own job reaches, under pseudonyms"},
	{ReadStatements, "read sealed statements, the Customer Room, definitions and the questions behind figures"},
	{ReadRows, "open a figure to the customers behind it, and download the rows of books, under pseudonyms"},
	{ReadCustomers, "see who customers are: id, name, mail address, their words; refused rows"},
	{ReadBooks, "see sources, freshness, coverage, overlaps and how many rows were refused"},
	{ReadPeople, "see figures about single employees, as far as the department and the manager line reach"},
	{ReadUsers, "see who has an account and with which roles"},
	{ReadAudit, "read the audit log"},
	{ChangeBooks, "upload files, change mappings, import"},
	{ChangeSettings, "change the company's settings, its schedule and who is notified"},
	{ChangeJourney, "change the promise, its standards, journeys, touchpoints, departments and roles"},
	{Close, "close a period, and restate it"},
	{Review, "review what somebody else closed"},
	{ManageUsers, "invite people, change their roles, disable them, end their sessions"},
	{Erase, "erase a customer or an employee"},
	{Export, "export all about a person"},
	{Backup, "take backups and download them"},
}

// grants is the one table from roles to rights. Anyone and OwnAccount need no
// role. A user with several roles has the rights of all of them.
var grants = map[Role][]Right{
	Executive:      {OwnPart, ReadStatements, ReadRows, ReadCustomers, ReadBooks, Review},
	ProgramLead:    {OwnPart, ReadStatements, ReadRows, ReadCustomers, ReadBooks, ChangeBooks, ChangeSettings, ChangeJourney, Close, Review},
	Finance:        {OwnPart, ReadStatements, ReadRows, ReadCustomers, ReadBooks, Close, Review},
	People:         {OwnPart, ReadStatements, ReadBooks, ReadPeople},
	DepartmentHead: {OwnPart, ReadStatements, ReadPeople},
	Employee:       {OwnPart, ReadStatements},
	Analyst:        {ReadStatements, ReadRows, ReadBooks},
	Auditor:        {ReadStatements, ReadRows, ReadCustomers, ReadBooks, ReadPeople, ReadUsers, ReadAudit},
	Administrator:  {OwnPart, ReadStatements, ReadBooks, ReadUsers, ReadAudit, ChangeBooks, ChangeSettings, ManageUsers, Erase, Export, Backup},
}

// changing are the rights by which somebody else than oneself is affected.
var changing = []Right{ChangeBooks, ChangeSettings, ChangeJourney, Close, Review, ManageUsers, Erase, Export, Backup}

// personal are the rights by which persons can be told.
var personal = []Right{OwnPart, ReadCustomers, ReadPeople, ReadUsers, ReadAudit, Erase, Export, Backup, ManageUsers}

// Grants tells the rights of a role, sorted as Rights are.
func Grants(role Role) []Right {
	var out []Right
	for _, m := range Rights {
		if m.Right == Anyone || m.Right == OwnAccount || slices.Contains(grants[role], m.Right) {
			out = append(out, m.Right)
		}
	}
	return out
}

// RightsOf tells all rights of a user.
func RightsOf(u User) []Right {
	have := map[Right]bool{}
	for _, m := range Rights {
		if u.May(m.Right) {
			have[m.Right] = true
		}
	}
	return slices.Sorted(maps.Keys(have))
}

func joined[T ~string](names []T) string {
	text := make([]string, len(names))
	for i, n := range names {
		text[i] = string(n)
	}
	return strings.Join(text, ", ")
}
