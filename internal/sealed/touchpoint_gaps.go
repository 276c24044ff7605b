package sealed

// TouchpointJob is a job of the book people to which no role of the map answers.
type TouchpointJob struct {
	TouchpointItem
	Department string `json:"department"`
	Role       string `json:"role"`
	People     *int64 `json:"people"` // nil: fewer than are told
}

// TouchpointGap is a list of things that the map lacks something for, by its name in the document.
type TouchpointGap struct {
	Name, Label string
	Items       []TouchpointItem
}

// Gaps are the lists of what the map does not cover, empty ones too.
func (c *TouchpointCoverage) Gaps() []TouchpointGap {
	var jobs []TouchpointItem
	for _, j := range c.JobsWithoutRole {
		jobs = append(jobs, j.TouchpointItem)
	}
	return []TouchpointGap{
		{"departments_without_touchpoint", "Departments without a touchpoint", c.WithoutTouchpoint},
		{"without_department", "Touchpoints that no department holds", c.WithoutDepartment},
		{"without_owner", "Touchpoints without an owner", c.WithoutOwner},
		{"without_standard", "Touchpoints without a standard", c.WithoutStandard},
		{"without_measure", "Touchpoints that nothing in the books measures", c.WithoutMeasure},
		{"without_voice", "Touchpoints of which no customer said anything", c.WithoutVoice},
		{"few_answers", "Touchpoints with fewer than 30 answers", c.FewAnswers},
		{"standards_without_touchpoint", "Standards that bind no touchpoint", c.Unbound},
		{"stages_without_touchpoint", "Stages without a touchpoint", c.EmptyStages},
		{"roles_without_line", "Roles without a line to a customer", c.RolesWithoutLine},
		{"jobs_without_role", "Jobs in the book people without a role", jobs},
	}
}
