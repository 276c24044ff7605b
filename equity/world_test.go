package equity

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/clv"
	"github.com/throughline/throughline/money"
)

// company is a simulated company whose customers are known: all data of these tests are simulated.
type company struct {
	life     clv.ParetoNBD
	spend    clv.GammaGamma
	a        int     // how many customers come
	days     int     // over so many days, evenly
	season   float64 // purchases rise and fall by so much over a year
	tied     float64 // how much of the logarithm of a customer's spend goes with that of their rate
	fades    float64 // rates fall by so much a year as customers age
	returned float64 // share of purchases of which half comes back a week later
	still    float64 // share of customers who never leave
}

var (
	truth = company{life: clv.ParetoNBD{R: 1.2, Alpha: 60, S: 0.7, Beta: 150}, spend: clv.GammaGamma{P: 4, Q: 4, Gamma: 45}, a: 1500, days: 1095}
	from  = calendar.DayOf(2020, 1, 1)
)

// drawn are the books up to the end, and what those who had bought by then did after it, discounted at 10 % a year: revenue of the next
// year, and of all time.
type drawn struct {
	Memory
	end           calendar.Day
	nextYear, all float64
	alive         float64
	later         int // purchases within a year
}

// draw draws a company with a seed. Purchases of one day are one.
func (c company) draw(seed uint64) drawn {
	r := rand.New(rand.NewPCG(seed, 0xe9))
	gamma := func(shape, rate float64) float64 { return distuv.Gamma{Alpha: shape, Beta: rate, Src: r}.Rand() }
	out := drawn{Memory: Memory{Of: map[string]Known{}}, end: from + calendar.Day(c.days)}
	delta := math.Log(1.1) / perYear
	for i := range c.a {
		id := fmt.Sprintf("c%d", i)
		came := r.Float64() * float64(c.days)
		rate, lives := gamma(c.life.R, c.life.Alpha), r.ExpFloat64()/gamma(c.life.S, c.life.Beta)
		if r.Float64() < c.still {
			lives = math.Inf(1)
		}
		price := gamma(c.spend.Q, c.spend.Gamma)
		if c.tied != 0 {
			price *= math.Pow(rate*c.life.Alpha/c.life.R, -c.tied)
		}
		out.Of[id] = Known{Segment: []string{"home", "business"}[i%2], Via: []string{"", "referral", "paid"}[i%3]}
		most := rate * (1 + c.season)
		for at := 0.0; at <= lives && came+at < float64(c.days)+40*perYear; at += r.ExpFloat64() / most {
			day := came + at
			if now := rate * (1 + c.season*math.Sin(2*math.Pi*day/perYear)) * math.Pow(1-c.fades, at/perYear); at > 0 && r.Float64()*most > now {
				continue
			}
			sum := gamma(c.spend.P, price)
			if ahead := day - float64(c.days); ahead >= 0 {
				out.all += sum * (1 - c.returned/2) * math.Exp(-delta*ahead)
				if ahead < perYear {
					out.nextYear += sum * (1 - c.returned/2)
					out.later++
				}
				continue
			}
			out.add(id, from+calendar.Day(day), sum)
			if r.Float64() < c.returned {
				out.add(id, from+calendar.Day(day)+7, -sum/2)
			}
		}
		if came+lives > float64(c.days) {
			out.alive++
		}
	}
	return out
}

func (d *drawn) add(id string, day calendar.Day, sum float64) {
	if day >= d.end {
		return
	}
	a, err := money.Parse(fmt.Sprintf("%.2f", sum))
	if err != nil {
		panic(err) // of our own making
	}
	profit, err := money.Parse(fmt.Sprintf("%.3f", 0.4*sum))
	if err != nil {
		panic(err)
	}
	d.Lines = append(d.Lines, Line{Customer: id, Day: day, Amount: a, Profit: &profit})
}

func (d drawn) input() Input {
	rate := 0.1
	return Input{Opened: d.end.AddMonths(-1), Until: d.end, Began: from, Discount: &rate}
}

// prepared answers from what was worked out once.
type prepared struct {
	facts     Facts
	customers []Customer
	held      []HeldOut
}

func prepare(d drawn) prepared {
	var p prepared
	q, err := d.input().Question()
	ctx := context.Background()
	if err == nil {
		p.facts, err = d.Memory.Holdings(ctx, q)
	}
	if err == nil {
		err = d.Memory.Histories(ctx, q, func(c Customer) error { p.customers = append(p.customers, c); return nil })
	}
	if err == nil {
		err = d.Memory.HeldOut(ctx, q, func(h HeldOut) error { p.held = append(p.held, h); return nil })
	}
	if err != nil {
		panic(err) // of our own making
	}
	return p
}

func (p prepared) Holdings(context.Context, Question) (Facts, error) { return p.facts, nil }

func (p prepared) Histories(_ context.Context, _ Question, visit func(Customer) error) error {
	for _, c := range p.customers {
		if err := visit(c); err != nil {
			return err
		}
	}
	return nil
}

func (p prepared) HeldOut(_ context.Context, _ Question, visit func(HeldOut) error) error {
	for _, h := range p.held {
		if err := visit(h); err != nil {
			return err
		}
	}
	return nil
}
