package fact

// The closed lists of the books. Their order is the order in which pages and
// refusals name them.
var (
	Via            = []string{"referral", "reputation", "paid", "sales", "partner", "unknown"}
	How            = []string{"asked", "tracked", "declared", "inferred"}
	Excluded       = []string{"test", "staff", "inter-company"}
	Questions      = []string{"nps", "csat", "ces", "origin"} // or a company's own key
	RemarkChannels = []string{"email", "review", "social", "call", "letter", "floor"}
	Employers      = []string{"own", "contractor"}
	PersonKinds    = []string{"candidate", "employee", "contractor worker"}
	TrainingKinds  = []string{"role", "general", "compliance"}
	TrainingStages = []string{"interview", "orientation", "role", "growth", "leadership"}
	CostKinds      = []string{"acquire", "serve", "train", "hire", "retain", "other"}
	BudgetVersions = []string{"plan", "forecast", "actual"}
	Billed         = []string{"monthly", "quarterly", "annual"}
	Offers         = []string{"accepted", "declined"}
	customerID     = "customer"
)

// Books holds the fifteen shapes, in the order of the product's documentation.
var Books = []Book{
	{
		Name: "customers", Purpose: "who the customers are, how and when they came", Key: []string{"customer_id"}, Time: "acquired_on",
		Columns: []Column{
			{Name: "customer_id", Type: ID, Required: true, Refers: customerID, Field: 1},
			{Name: "name", Type: Text, Field: 2}, {Name: "email", Type: Text, Field: 3}, {Name: "segment", Type: Text, Field: 4},
			{Name: "account_id", Type: ID, Field: 5}, {Name: "household_id", Type: ID, Field: 6}, {Name: "entity", Type: Text, Field: 7},
			{Name: "acquired_on", Type: Day, Field: 8}, {Name: "acquired_via", Type: Choice, Choices: Via, Field: 9},
			{Name: "acquired_how", Type: Choice, Choices: How, Field: 10},
			{Name: "referred_by", Type: ID, Field: 11},
			{Name: "excluded", Type: Choice, Choices: Excluded, Field: 12},
		},
	},
	{
		Name: "customer_links", Purpose: "merged customers: the old id is the new id", Key: []string{"old_id"}, Time: "since",
		Columns: []Column{
			{Name: "old_id", Type: ID, Required: true, Refers: customerID, Field: 1},
			{Name: "new_id", Type: ID, Required: true, Refers: customerID, Field: 2}, {Name: "since", Type: Day, Field: 3},
		},
	},
	{
		Name: "orders", Purpose: "what was bought: one line each, returns negative", Key: []string{"line_id"}, Time: "ordered_at",
		Columns: []Column{
			{Name: "customer_id", Type: ID, Refers: customerID, Field: 1},
			{Name: "ordered_at", Type: Instant, Required: true, Field: 2}, {Name: "amount", Type: Money, Required: true, Field: 3},
			{Name: "line_id", Type: ID, Field: 4}, {Name: "order_id", Type: ID, Field: 5}, {Name: "product", Type: Text, Field: 6},
			{Name: "quantity", Type: Number, Field: 7}, {Name: "unit_price", Type: Money, Field: 8}, {Name: "list_price", Type: Money, Field: 9},
			{Name: "cost", Type: Money, Field: 10}, {Name: "currency", Type: Currency, Field: 11}, {Name: "touchpoint", Type: Text, Field: 12},
			{Name: "entity", Type: Text, Field: 13}, {Name: "returns_line_id", Type: ID, Field: 14},
		},
	},
	{
		Name: "subscriptions", Purpose: "contracts with a monthly amount, a row per change", Key: []string{"subscription_id", "started_on"}, Time: "started_on",
		Columns: []Column{
			{Name: "subscription_id", Type: ID, Required: true, Field: 1},
			{Name: "customer_id", Type: ID, Required: true, Refers: customerID, Field: 2},
			{Name: "started_on", Type: Day, Required: true, Field: 3}, {Name: "monthly_amount", Type: Money, Required: true, Field: 4},
			{Name: "ended_on", Type: Day, Field: 5}, {Name: "plan", Type: Text, Field: 6}, {Name: "currency", Type: Currency, Field: 7},
			{Name: "end_reason", Type: Text, Field: 8}, {Name: "billed", Type: Choice, Choices: Billed, Field: 9}, {Name: "billed_amount", Type: Money, Field: 10},
		},
	},
	{
		Name: "interactions", Purpose: "each time a customer was served", Key: []string{"interaction_id"}, Time: "started_at",
		Columns: []Column{
			{Name: "interaction_id", Type: ID, Required: true, Field: 1}, {Name: "started_at", Type: Instant, Required: true, Field: 2},
			{Name: "touchpoint", Type: Text, Required: true, Field: 3}, {Name: "customer_id", Type: ID, Refers: customerID, Field: 4},
			{Name: "person_id", Type: ID, Field: 5}, {Name: "channel", Type: Text, Field: 6}, {Name: "wait_seconds", Type: Number, Field: 7},
			{Name: "handle_seconds", Type: Number, Field: 8}, {Name: "abandoned", Type: Truth, Field: 9}, {Name: "transfers", Type: Number, Field: 10},
			{Name: "resolved", Type: Truth, Field: 11}, {Name: "reopened", Type: Truth, Field: 12}, {Name: "contained", Type: Truth, Field: 13},
			{Name: "reason", Type: Text, Field: 14},
		},
	},
	{
		Name: "answers", Purpose: "answers to questions that were asked", Key: []string{"answer_id"}, Time: "answered_at", OneOf: []string{"score", "choice"},
		Columns: []Column{
			{Name: "answer_id", Type: ID, Required: true, Field: 1}, {Name: "answered_at", Type: Instant, Required: true, Field: 2},
			{Name: "question", Type: Text, Required: true, Field: 3}, {Name: "score", Type: Number, Field: 4}, {Name: "choice", Type: Text, Field: 5},
			{Name: "scale", Type: Text, Field: 6}, {Name: "customer_id", Type: ID, Refers: customerID, Field: 7}, {Name: "touchpoint", Type: Text, Field: 8},
			{Name: "person_id", Type: ID, Field: 9}, {Name: "comment", Type: Text, Field: 10}, {Name: "language", Type: Text, Field: 11},
			{Name: "asked_at", Type: Instant, Field: 12},
		},
	},
	{
		Name: "remarks", Purpose: "what customers said unasked", Key: []string{"remark_id"}, Time: "received_at",
		Columns: []Column{
			{Name: "remark_id", Type: ID, Required: true, Field: 1}, {Name: "received_at", Type: Instant, Required: true, Field: 2},
			{Name: "text", Type: Text, Required: true, Field: 3}, {Name: "channel", Type: Choice, Choices: RemarkChannels, Field: 4},
			{Name: "customer_id", Type: ID, Refers: customerID, Field: 5}, {Name: "touchpoint", Type: Text, Field: 6}, {Name: "language", Type: Text, Field: 7},
		},
	},
	{
		Name: "people", Purpose: "who works here, a row per change", Key: []string{"person_id", "valid_from"}, Time: "valid_from",
		Columns: []Column{
			{Name: "person_id", Type: ID, Required: true, Field: 1}, {Name: "valid_from", Type: Day, Required: true, Field: 2},
			{Name: "department", Type: Text, Required: true, Field: 3}, {Name: "role", Type: Text, Required: true, Field: 4},
			{Name: "hired_on", Type: Day, Field: 5}, {Name: "left_on", Type: Day, Field: 6}, {Name: "exit_kind", Type: Text, Field: 7},
			{Name: "team", Type: Text, Field: 8}, {Name: "manager_id", Type: ID, Field: 9}, {Name: "location", Type: Text, Field: 10},
			{Name: "annual_cost", Type: Money, Field: 11}, {Name: "employer", Type: Choice, Choices: Employers, Field: 12},
			{Name: "kind", Type: Choice, Choices: PersonKinds, Field: 13}, {Name: "entity", Type: Text, Field: 14},
			{Name: "opened_on", Type: Day, Field: 15}, {Name: "offered_on", Type: Day, Field: 16},
			{Name: "offer", Type: Choice, Choices: Offers, Field: 17}, {Name: "offered_cost", Type: Money, Field: 18},
			{Name: "offered_training", Type: Number, Field: 19},
		},
	},
	{
		Name: "trainings", Purpose: "courses that people completed", Key: []string{"record_id"}, Time: "completed_at",
		Columns: []Column{
			{Name: "record_id", Type: ID, Required: true, Field: 1}, {Name: "person_id", Type: ID, Required: true, Field: 2},
			{Name: "course", Type: Text, Required: true, Field: 3}, {Name: "completed_at", Type: Instant, Required: true, Field: 4},
			{Name: "hours", Type: Number, Field: 5}, {Name: "direct_cost", Type: Money, Field: 6}, {Name: "score", Type: Number, Field: 7},
			{Name: "passed", Type: Truth, Field: 8}, {Name: "kind", Type: Choice, Choices: TrainingKinds, Field: 9},
			{Name: "stage", Type: Choice, Choices: TrainingStages, Field: 10},
		},
	},
	{
		Name: "pulses", Purpose: "what employees answered, without their names", Key: []string{"pulse_id"}, Time: "answered_on",
		Columns: []Column{
			{Name: "pulse_id", Type: ID, Required: true, Field: 1}, {Name: "answered_on", Type: Day, Required: true, Field: 2},
			{Name: "question", Type: Text, Required: true, Field: 3}, {Name: "score", Type: Number, Required: true, Field: 4},
			{Name: "department", Type: Text, Field: 5}, {Name: "team", Type: Text, Field: 6}, {Name: "tenure_band", Type: Text, Field: 7},
			{Name: "comment", Type: Text, Field: 8},
		},
	},
	{
		Name: "measures", Purpose: "figures that other systems measure", Key: []string{"period", "measure", "touchpoint", "department", "team"},
		Columns: []Column{
			{Name: "period", Type: PeriodKey, Required: true, Field: 1}, {Name: "measure", Type: Text, Required: true, Field: 2},
			{Name: "value", Type: Number, Required: true, Field: 3}, {Name: "touchpoint", Type: Text, Field: 4},
			{Name: "department", Type: Text, Field: 5}, {Name: "team", Type: Text, Field: 6}, {Name: "n", Type: Number, Field: 7},
		},
	},
	{
		Name: "costs", Purpose: "what departments spend, by kind",
		Columns: []Column{
			{Name: "period", Type: PeriodKey, Required: true, Field: 1}, {Name: "department", Type: Text, Required: true, Field: 2},
			{Name: "kind", Type: Choice, Choices: CostKinds, Required: true, Field: 3}, {Name: "amount", Type: Money, Required: true, Field: 4},
			{Name: "touchpoint", Type: Text, Field: 5}, {Name: "currency", Type: Currency, Field: 6},
		},
	},
	{
		Name: "budgets", Purpose: "what was planned, forecast and spent",
		Columns: []Column{
			{Name: "period", Type: PeriodKey, Required: true, Field: 1}, {Name: "department", Type: Text, Required: true, Field: 2},
			{Name: "line", Type: Text, Required: true, Field: 3}, {Name: "amount", Type: Money, Required: true, Field: 4},
			{Name: "priority", Type: Text, Field: 5}, {Name: "version", Type: Choice, Choices: BudgetVersions, Field: 6},
		},
	},
	{
		Name: "controls", Purpose: "general ledger figures to reconcile with",
		Columns: []Column{
			{Name: "period", Type: PeriodKey, Required: true, Field: 1}, {Name: "account", Type: Text, Required: true, Field: 2},
			{Name: "amount", Type: Money, Required: true, Field: 3}, {Name: "entity", Type: Text, Field: 4},
		},
	},
	{
		Name: "rates", Purpose: "currency conversion, one rate a day and pair", Key: []string{"date", "from", "to"}, Time: "date",
		Columns: []Column{
			{Name: "date", Type: Day, Required: true, Field: 1}, {Name: "from", Type: Currency, Required: true, Field: 2},
			{Name: "to", Type: Currency, Required: true, Field: 3}, {Name: "rate", Type: Rate, Required: true, Field: 4},
		},
	},
}
