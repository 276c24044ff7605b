package equity

// Survival is the chance of a new customer to be one still after k months, for k from 0 on, by the lifetime model of orders.
func (s Statement) Survival(months int) []float64 {
	out := make([]float64, months)
	for k := range out {
		out[k] = s.Models.Life.Model.Survival(float64(k) * monthDays)
	}
	return out
}

// Survival is the same of a new contract, by the models of those kinds of renewal that have one, weighed by how many are under contract, whom
// it counts too. None has one: nil.
func (s ContractStatement) Survival(months int) (survival []float64, customers int64) {
	for _, k := range s.Kinds {
		if k.Model != nil {
			customers += k.Customers
		}
	}
	if customers == 0 {
		return nil, 0
	}
	survival = make([]float64, months)
	for _, k := range s.Kinds {
		if k.Model == nil {
			continue
		}
		stay := k.Model.dues(k.Model.Values, 0.1).stay // staying does not hang on the discount
		for m := range survival {
			survival[m] += float64(stay(0, m/k.Months) * (float64(k.Customers) / float64(customers)))
		}
	}
	return survival, customers
}
