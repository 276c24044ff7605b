package sim

import (
	"math"
	"strconv"

	"github.com/throughline/throughline/calendar"
)

// themes are what can be said, with templates for what was bad and good about
// it; %s is the touchpoint.
var themes = []struct{ name, bad, bad2, good string }{
	{"waiting", "I waited far too long at the %s.", "Nobody answered at the %s for ages.", "Quick answer at the %s, no waiting."},
	{"knowledge", "The person at the %s did not know the product.", "Three answers from the %s, and all differ.", "They knew at once what was wrong at the %s."},
	{"friendliness", "I was treated rudely at the %s.", "No interest in me at all at the %s.", "Very friendly at the %s, thank you."},
	{"delivery", "The parcel came late and the %s could not say why.", "Left outside in the rain, says the %s.", "It came a day early, well done %s."},
	{"price", "Prices went up again, and the %s had no answer.", "I paid more than the list said; the %s shrugged.", "Fair price, explained well by the %s."},
	{"product", "It broke after a week and the %s did nothing.", "The wrong size again, and the %s knew of it.", "The product is just right, as the %s promised."},
	{"invoice", "The invoice is wrong, says even the %s.", "I cannot read the invoice; the %s could not either.", "The %s set the invoice right at once."},
	{"website", "The page broke down while I paid; the %s saw nothing.", "I could not find the return form, nor could the %s.", "Easy to find my way, and the %s helped."},
}

var remarkChannels = []string{"email", "review", "social", "call", "letter", "floor"}

// rower numbers the rows of one customer's books: the number of a row is that
// of the customer and a running one, so that no customer waits for another.
type rower struct {
	number                     uint32
	contacts, answers, remarks int64
}

func appendRow(b []byte, letter byte, number uint32, n int64) []byte {
	b = appendPadded(append(b, letter), int64(number), 6)
	return strconv.AppendInt(append(b, '-'), n, 10)
}

// theme draws what a remark or comment is about, and writes it down: complaints
// about waiting come where people wait, and so on.
func (d *drawer) theme(b []byte, touchpoint int, bad bool) ([]byte, int) {
	i := d.voice.IntN(len(themes))
	if d.voice.Float64() < 0.5 {
		i = (touchpoint * 3) % len(themes) // each touchpoint has a theme of its own
	}
	text := themes[i].good
	if bad {
		if text = themes[i].bad; d.voice.Float64() < 0.5 {
			text = themes[i].bad2
		}
	}
	b = append(b, '"')
	for j := 0; j < len(text); j++ {
		if text[j] == '%' {
			b = append(b, d.Touchpoints[touchpoint].Name...)
			j++
			continue
		}
		b = append(b, text[j])
	}
	return append(b, '"'), i
}

// planted writes the theme of a remark or comment into the truth.
func (d *drawer) planted(book string, letter byte, n int64, theme int, bad bool) {
	tone := ",praise\n"
	if bad {
		tone = ",complaint\n"
	}
	b := append(append(d.out.rows[themeRows], book...), ',')
	b = appendRow(b, letter, d.writer.number, n)
	b = append(append(b, ','), themes[theme].name...)
	d.out.rows[themeRows] = append(b, tone...)
	d.out.tally.themes[theme]++
}

// speak writes what a customer lived through and said of it: contacts, answers
// and remarks.
func (d *drawer) speak(to *told, number uint32, row customer) {
	d.writer = rower{number: number}
	d.voice.begin(d.Seed, ofVoice, to.who)
	if row.how == "asked" && row.acquired >= d.Start {
		d.origin(row)
	}
	end := d.clock.at(d.End)
	until := min(to.dropped, end)
	contacts := d.teller.served.contacts
	for i := range contacts {
		k := &contacts[i]
		if k.t >= until {
			break
		}
		d.contact(k)
		d.asked(to, k)
		d.unasked(k)
	}
	d.nps(to, contacts, until)
}

// origin writes the answer of a customer who was asked how they came.
func (d *drawer) origin(row customer) {
	at := int64(row.acquired)*daySeconds + opens + d.voice.Int64N(openFor)
	answered := at + d.voice.Int64N(14*daySeconds)
	if answered >= int64(d.End)*daySeconds {
		return
	}
	d.answer(answered, at, reply{question: "origin", choice: row.via, touchpoint: -1, person: -1})
}

// contact writes one row of interactions.
func (d *drawer) contact(k *contact) {
	d.out.tally.contact(k, int(calendar.MonthOf(k.day())-d.first()))
	d.writer.contacts++
	place := &d.Touchpoints[k.touchpoint]
	b := appendRow(d.out.rows[contactRows], 'I', d.writer.number, d.writer.contacts)
	b = appendTime(append(b, ','), k.at)
	b = append(append(append(b, ','), place.Name...), ',')
	b = append(appendCustomer(b, d.writer.number), ',')
	b = append(d.appendPerson(b, k.person), ',')
	b = append(append(b, place.Channel...), ',')
	if k.flags&contained == 0 {
		b = strconv.AppendInt(b, k.wait, 10)
	}
	b = append(b, ',')
	if k.flags&(contained|abandoned) == 0 {
		b = strconv.AppendInt(b, k.handle, 10)
	}
	b = appendYes(b, k.flags&abandoned != 0)
	b = strconv.AppendInt(append(b, ','), k.transfers, 10)
	b = appendYes(b, k.flags&resolved != 0)
	b = appendYes(b, k.flags&reopened != 0)
	b = appendYes(b, k.flags&contained != 0)
	b = append(append(append(b, ','), reasons[k.reason]...), '\n')
	d.out.rows[contactRows] = b
}

func appendYes(b []byte, yes bool) []byte {
	if yes {
		return append(b, ",yes"...)
	}
	return append(b, ",no"...)
}

func (d *drawer) appendPerson(b []byte, person int) []byte {
	if person < 0 {
		return b
	}
	return appendPadded(append(b, "person-"...), int64(d.staff.people[person].number), 4)
}

// asked asks about a handled contact: csat from 1 to 5, ces from 1 to 7.
func (d *drawer) asked(to *told, k *contact) {
	if k.flags&(contained|abandoned) != 0 {
		return
	}
	for _, q := range []struct {
		question    int
		share       float64
		low, middle float64
		top         float64
	}{{csat, d.Voice.CSAT, 2.2, 4.3, 5}, {ces, d.Voice.CES, 2.8, 5.8, 7}} {
		if d.voice.Float64() >= q.share {
			continue
		}
		mean := q.middle
		if k.failed() {
			mean = q.low
		}
		score := min(max(1, math.Floor(mean+float64(0.8*d.voice.normal())+0.5)), q.top)
		d.ask(q.question, int64(score), k.at+k.handle+k.wait, k, k.failed())
	}
}

// nps asks how likely a customer is to recommend the company. The score hangs
// on the customer's own happiness and on a failure that is remembered.
func (d *drawer) nps(to *told, contacts []contact, until float64) {
	if d.Voice.NPSPerYear == 0 {
		return
	}
	gap := 365.25 / d.Voice.NPSPerYear
	happy := d.living.happy(to.leaving)
	for t := max(to.born, d.opening) + float64(gap*d.voice.exponential()); t < until; t += float64(gap * d.voice.exponential()) {
		mean := 6.4
		if happy {
			mean = 8.6
		}
		for _, k := range contacts {
			if k.failed() && k.t <= t && t < k.t+d.Service.MemoryDays {
				mean -= 3
				break
			}
		}
		score := int64(min(max(0, math.Floor(mean+float64(1.6*d.voice.normal())+0.5)), 10))
		d.ask(nps, score, d.clock.seconds(t), nil, score <= 6)
	}
}

// ask lets a customer answer, or not: the discontent answer more readily, or
// less, as the world says.
func (d *drawer) ask(question int, score, at int64, k *contact, discontent bool) {
	chance := d.Voice.Responds
	if discontent {
		chance = min(1, chance*d.Voice.DiscontentResponds)
	}
	responds := d.voice.Float64() < chance
	answered := at + 60 + d.voice.Int64N(3*daySeconds)
	t := &d.out.tally.asked[question]
	t.ask(score, responds)
	if !responds || answered >= int64(d.End)*daySeconds {
		return
	}
	r := reply{question: questions[question], score: strconv.FormatInt(score, 10), scale: scales[question], touchpoint: -1, person: -1, bad: discontent}
	if k != nil {
		r.touchpoint, r.person = k.touchpoint, k.person
	}
	d.answer(answered, at, r)
}

// The questions that are asked with a score, and their scales.
const (
	nps = iota
	csat
	ces
)

var questions, scales = [...]string{"nps", "csat", "ces"}, [...]string{"0-10", "1-5", "1-7"}

// reply is one answer; a touchpoint or person below zero is none.
type reply struct {
	question, score, choice, scale string
	touchpoint, person             int
	bad                            bool
}

// answer writes one row of answers.
func (d *drawer) answer(at, asked int64, r reply) {
	d.writer.answers++
	b := appendRow(d.out.rows[answerRows], 'A', d.writer.number, d.writer.answers)
	b = appendTime(append(b, ','), at)
	for _, text := range []string{r.question, r.score, r.choice, r.scale} {
		b = append(append(b, ','), text...)
	}
	b = append(appendCustomer(append(b, ','), d.writer.number), ',')
	if r.touchpoint >= 0 {
		b = append(b, d.Touchpoints[r.touchpoint].Name...)
	}
	b = append(d.appendPerson(append(b, ','), r.person), ',')
	if r.score != "" && d.voice.Float64() < d.Voice.Comments {
		place := r.touchpoint
		if place < 0 {
			place = d.voice.IntN(len(d.Touchpoints))
		}
		var theme int
		b, theme = d.theme(b, place, r.bad)
		d.planted("answers", 'A', d.writer.answers, theme, r.bad)
	}
	b = appendTime(append(b, ",en,"...), asked)
	d.out.rows[answerRows] = append(b, '\n')
}

// unasked writes what a customer says unasked after a contact; one in ten does
// not say who they are.
func (d *drawer) unasked(k *contact) {
	share := d.Voice.Remarks
	if k.failed() {
		share = d.Voice.RemarksFailed
	}
	if d.voice.Float64() >= share {
		return
	}
	at := k.at + 600 + d.voice.Int64N(2*daySeconds)
	if at >= int64(d.End)*daySeconds {
		return
	}
	d.writer.remarks++
	b := appendRow(d.out.rows[remarkRows], 'R', d.writer.number, d.writer.remarks)
	b = append(appendTime(append(b, ','), at), ',')
	b, theme := d.theme(b, k.touchpoint, k.failed())
	d.planted("remarks", 'R', d.writer.remarks, theme, k.failed())
	b = append(append(b, ','), remarkChannels[d.voice.IntN(len(remarkChannels))]...)
	b = append(b, ',')
	if d.voice.Float64() >= 0.1 {
		b = appendCustomer(b, d.writer.number)
	}
	b = append(append(append(b, ','), d.Touchpoints[k.touchpoint].Name...), ",en\n"...)
	d.out.rows[remarkRows] = b
}
