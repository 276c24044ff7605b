package journey

import "fmt"

// What customers are asked is answered on a scale; the keys of own questions are those of the book answers.
func score(kind Kind) Measure               { return Measure{Kind: kind} }
func asked(question string) Measure         { return Measure{Kind: Top, Question: question} }
func soon(seconds int64) Measure            { return Measure{Kind: Within, Seconds: seconds} }
func told(measure string) Measure           { return Measure{Kind: ByHand, Named: measure} }
func atLeast(value string) Target           { return Target{AtLeast: value} }
func atMost(value string) Target            { return Target{AtMost: value} }
func (t Target) by(well string) Target      { t.Well = well; return t }
func one(n string, m Measure, t Target) bid { return bid{n, m, t} }

func funAndFriendly() Promise {
	return Promise{
		Name: Fun, Title: "Fun and friendly",
		Means: "People like being here, customers and those who serve them. Nobody reads from a script, mistakes are met with good humour and put right on the spot, and the dullest moment of the journey " +
			"is the one that we work on first. Quick enough is quick enough; stiff is what we never are.",
		AtTouchpoints: []string{"Did somebody make you smile today? Who, and how?", "Was it fun, or at least not dull?", "What was the dullest minute with us?"},
		AtInterviews: []string{
			"Tell of a time when you made a stranger laugh at work.", "A queue is long and everybody is tired. What do you do, apart from hurrying?",
			"What did you get wrong in front of a customer, and how did the two of you part?", "Which rule at your last work would you have broken with a smile, and why did you not?",
		},
		AtPulses: []string{"I laughed at work this week.", "I may be myself with customers.", "My team has fun without a customer paying for it.", "I may put a small thing right without asking."},
		standards: map[PlaceKind]bid{
			AtMenu:     one("The announcement makes one smile, and ends", asked("menu_made_me_smile"), atLeast("0.5")),
			AtChat:     one("The answer sounds like a person with humour", asked("sounded_like_a_person"), atLeast("0.85")),
			AtPhone:    one("Callers hang up in a better mood than they called in", asked("better_mood"), atLeast("0.75")),
			AtComplain: one("It was put right with good humour, and at once", asked("parted_as_friends"), atLeast("0.8")),
			AtCredit:   one("Even the reminder is friendly", asked("reminder_was_friendly"), atLeast("0.7")),
			AtInvoice:  one("The invoice has one line that makes one smile, and no other surprise", asked("invoice_was_friendly"), atLeast("0.7")),
			AtRepair:   one("Waiting for the repair was made bearable", asked("waiting_was_bearable"), atLeast("0.75")),
			AtClean:    one("It is fresh and cheerful in here", asked("cheerful_place"), atLeast("0.8")),
			AtTable:    one("The table laughed with somebody of ours", asked("laughed_at_table"), atLeast("0.7")),
			AtDelivery: one("Whoever brought it was a pleasure to meet", asked("friendly_at_the_door"), atLeast("0.85")),
			AtJob:      one("Candidates tell their friends that it was fun, also those who were told no", asked("fun_to_apply"), atLeast("0.7")),
			AtPublic:   one("People pass on what we say of ourselves", told("passed_on_share"), atLeast("0.05").by("0.02")),
			AtStart:    one("The first day with us is one to tell of", asked("worth_telling"), atLeast("0.6")),
			AtContract: one("The small print reads as if a friend had written it", asked("friendly_print"), atLeast("0.7")),
			AtWebsite:  one("One finds something there that one did not look for, and likes it", asked("found_something_to_like"), atLeast("0.6")),
			AtMail:     one("The letter sounds like somebody one knows", asked("letter_sounded_friendly"), atLeast("0.8")),
			AtAdvice:   one("It was a talk and not a sale", asked("enjoyed_the_talk"), atLeast("0.8")),
			AtCounter:  one("One is greeted with a smile that is meant", asked("smiled_at"), atLeast("0.9").by("0.05")),
			AtRoom:     one("The room has something to play with", asked("liked_the_room"), atLeast("0.8")),
			AtOther:    one("Customers would come again for the people", score(NPS), atLeast("50")),
		},
	}
}

func nothingTooMuch() Promise {
	return Promise{
		Name: Luxury, Title: "Luxury",
		Means:         "A customer is expected, known and never hurried. What is wished for is foreseen; what is asked for is done once, quietly, by the one who was asked. Nothing is stained, late or explained away, and no form is filled in by a customer.",
		AtTouchpoints: []string{"Was there anything that you had to ask for twice?", "Did we know you?", "What would have made it perfect?"},
		AtInterviews: []string{
			"Tell of a wish that you met before it was spoken.", "Somebody asks for what does not exist. What do you say, word for word?",
			"What is the smallest flaw that you have ever sent back?", "How do you remember people?",
		},
		AtPulses: []string{"I know the customers whom I will meet tomorrow.", "I may spend what it takes to put something right.", "I have the time that perfect takes.", "A flaw that I report is gone the next day."},
		standards: map[PlaceKind]bid{
			AtMenu:     one("No machine answers; a person does", soon(10), atLeast("0.9").by("0.05")),
			AtChat:     one("The same person answers as last time, and knows what was said", asked("knew_what_was_said"), atLeast("0.95").by("0.03")),
			AtPhone:    one("A person who knows the name answers before the fourth ring", soon(20), atLeast("0.95").by("0.03")),
			AtComplain: one("It is made good beyond what was asked, by one person", score(Transfers), atMost("0.05").by("0.05")),
			AtCredit:   one("Nobody is ever reminded of what they do not owe", told("wrongly_reminded_share"), atMost("0.001").by("0.001")),
			AtInvoice:  one("The invoice is flawless", told("invoices_corrected_share"), atMost("0.002").by("0.002")),
			AtRepair:   one("It is replaced at once and repaired later, out of sight", soon(900), atLeast("0.95").by("0.03")),
			AtClean:    one("There is no stain, nowhere", asked("spotless"), atLeast("0.97").by("0.02")),
			AtTable:    one("Each plate is as the guest likes it, without having to say so twice", asked("as_i_like_it"), atLeast("0.95").by("0.03")),
			AtDelivery: one("It is brought at the hour that the customer chose, by somebody who knows what it is", told("at_the_chosen_hour_share"), atLeast("0.98").by("0.01")),
			AtJob:      one("Each candidate is received as a guest", asked("received_as_a_guest"), atLeast("0.9").by("0.05")),
			AtPublic:   one("What is shown is what is given", asked("as_it_was_shown"), atLeast("0.95").by("0.03")),
			AtStart:    one("One is expected by name", asked("greeted_by_name"), atLeast("0.97").by("0.02")),
			AtContract: one("Everything is prepared; one signs once", asked("all_was_prepared"), atLeast("0.95").by("0.03")),
			AtWebsite:  one("The page knows what one chose last time, and a person is one touch away", asked("page_knew_me"), atLeast("0.85")),
			AtMail:     one("A letter from a person, within the hour", soon(3600), atLeast("0.9")),
			AtAdvice:   one("One is advised by somebody who has read everything before", asked("was_prepared_for_me"), atLeast("0.95").by("0.03")),
			AtCounter:  one("Nobody waits, and nobody stands", soon(60), atLeast("0.97").by("0.02")),
			AtRoom:     one("Everything is as it was left in the guest's file", asked("as_i_wished_the_room"), atLeast("0.95").by("0.03")),
			AtOther:    one("Nothing had to be asked for", asked("nothing_to_ask_for"), atLeast("0.9").by("0.05")),
		},
	}
}

func somebodyMinds() Promise {
	return Promise{
		Name: Care, Title: "Care",
		Means:         "Somebody listens to the end, says what happens next, and asks afterwards how it went. Nobody is left alone with bad news, a form or a wait. Time that a frightened person needs is no waste.",
		AtTouchpoints: []string{"Did somebody listen to you to the end?", "Did you know what would happen next?", "Did you feel alone at any moment?"},
		AtInterviews: []string{
			"Tell of somebody who was afraid, and what you did.", "What do you say when you do not know the answer?",
			"When did you stay longer than you had to, and what for?", "Whom did you call afterwards, although nobody had asked you to?",
		},
		AtPulses: []string{"I have the time to listen to the end.", "Somebody here asks how I am, and waits for the answer.", "I may stop and help, whatever the plan says.", "When I raise a worry about a customer, somebody acts."},
		standards: map[PlaceKind]bid{
			AtMenu:     one("Whoever is in need reaches a person without choosing", score(Reached), atLeast("0.97").by("0.03")),
			AtChat:     one("One does not feel alone with the question", asked("not_left_alone"), atLeast("0.85")),
			AtPhone:    one("One is listened to, and told what happens next", score(CSAT), atLeast("0.9").by("0.05")),
			AtComplain: one("Somebody says sorry, says what will be different, and calls again", told("called_back_share"), atLeast("0.95").by("0.05")),
			AtCredit:   one("Somebody asks what can be paid before asking for it", asked("asked_how_it_is"), atLeast("0.85")),
			AtInvoice:  one("What it will cost is told before, and can be talked about", asked("told_what_it_costs"), atLeast("0.9").by("0.05")),
			AtRepair:   one("One is told every day where it stands, also when it stands still", told("told_every_day_share"), atLeast("0.9").by("0.05")),
			AtClean:    one("One is not afraid to touch anything", asked("felt_safe_here"), atLeast("0.92").by("0.05")),
			AtTable:    one("What one must not or cannot eat is known, and thought of", asked("diet_was_thought_of"), atLeast("0.95").by("0.03")),
			AtDelivery: one("It is left where one can lift it, and somebody makes sure that it came", asked("brought_with_care"), atLeast("0.9").by("0.05")),
			AtJob:      one("Every candidate is answered by a person, with a reason", told("answered_with_a_reason_share"), atLeast("0.98").by("0.02")),
			AtPublic:   one("Nobody is frightened into buying", asked("felt_respected"), atLeast("0.9").by("0.05")),
			AtStart:    one("Somebody takes one by the hand on the first day", asked("was_accompanied"), atLeast("0.85")),
			AtContract: one("One has been asked whether one has understood", asked("understood_it"), atLeast("0.9").by("0.05")),
			AtWebsite:  one("One finds a person there when the page does not help", asked("found_a_person"), atLeast("0.8")),
			AtMail:     one("The answer shows that somebody has read the letter", asked("was_read"), atLeast("0.9").by("0.05")),
			AtAdvice:   one("One speaks first, and leaves knowing what comes next", asked("knew_what_comes_next"), atLeast("0.92").by("0.05")),
			AtCounter:  one("One is seen at once, and told how long it will be", asked("told_how_long"), atLeast("0.9").by("0.05")),
			AtRoom:     one("It is quiet, warm, and somebody looks in", asked("somebody_looked_in"), atLeast("0.9").by("0.05")),
			AtOther:    one("Somebody minded", asked("somebody_minded"), atLeast("0.85")),
		},
	}
}

func simpleAndEasy() Promise {
	return Promise{
		Name: Simple, Title: "Simple, easy, efficient",
		Means:         "It is done in one go, it says what it costs, and it goes away. No step that is ours to take is left to the customer; nothing is asked for twice; leaving is as easy as coming. Friendliness is not to take up anybody's time.",
		AtTouchpoints: []string{"How easy was it?", "Which step could we have spared you?", "Did you have to come back for the same thing?"},
		AtInterviews: []string{
			"Tell of a step that you took away.", "What do people ask you for again and again, and what have you done about it?",
			"Explain something difficult in three sentences.", "When did you leave a rule aside because it helped nobody?",
		},
		AtPulses: []string{"I can settle most things myself, at once.", "We took away a needless step this month.", "I never ask a customer for what we know already.", "My tools are quick enough."},
		standards: map[PlaceKind]bid{
			AtMenu:     one("Nobody gives up in the menu", score(Abandoned), atMost("0.03").by("0.02")),
			AtChat:     one("The first answer settles it", score(Resolved), atLeast("0.8")),
			AtPhone:    one("One call settles it", score(Resolved), atLeast("0.85")),
			AtComplain: one("It is put right in one go, and stays so", score(Reopened), atMost("0.03").by("0.02")),
			AtCredit:   one("One sees what is owed and pays it with one touch", score(CES), atLeast("6").by("0.5")),
			AtInvoice:  one("The invoice can be read in ten seconds", asked("read_at_a_glance"), atLeast("0.9").by("0.05")),
			AtRepair:   one("It is mended the first time", score(Reopened), atMost("0.04").by("0.03")),
			AtClean:    one("Everything is in its place", asked("in_its_place"), atLeast("0.9").by("0.05")),
			AtTable:    one("It is there within ten minutes", soon(600), atLeast("0.9").by("0.05")),
			AtDelivery: one("It comes on the day that was told", told("on_the_day_share"), atLeast("0.96").by("0.02")),
			AtJob:      one("One applies in five minutes and knows within a week", told("answered_in_a_week_share"), atLeast("0.95").by("0.05")),
			AtPublic:   one("The price stands there", asked("knew_the_price"), atLeast("0.9").by("0.05")),
			AtStart:    one("The first useful thing is done on the first day", told("useful_on_the_first_day_share"), atLeast("0.7")),
			AtContract: one("It takes one page and one signature", score(CES), atLeast("5.8").by("0.5")),
			AtWebsite:  one("One finds it and is done", score(CES), atLeast("5.5").by("0.5")),
			AtMail:     one("One answer is enough, on the same day", soon(86400), atLeast("0.9").by("0.05")),
			AtAdvice:   one("One leaves with it decided", score(Resolved), atLeast("0.75")),
			AtCounter:  one("One is served within five minutes", soon(300), atLeast("0.9").by("0.05")),
			AtRoom:     one("Everything works without being explained", asked("worked_at_once"), atLeast("0.95").by("0.03")),
			AtOther:    one("It took no effort", score(CES), atLeast("5.5").by("0.4")),
		},
	}
}

// mostQuoted is how many characters of a brand's words are quoted in a question.
const mostQuoted = 300

// inOwnWords quotes a brand's words where nobody but the brand knows what they mean in a room or on an invoice.
func inOwnWords(words string) Promise {
	if r := []rune(words); len(r) > mostQuoted {
		words = string(r[:mostQuoted]) + "…"
	}
	kept := one(fmt.Sprintf("Customers say that we kept to it: “%s”", words), asked("kept_our_word"), atLeast("0.8"))
	standards := map[PlaceKind]bid{
		AtMenu:     one("Who calls gets through", score(Abandoned), atMost("0.05").by("0.03")),
		AtPhone:    one("A person answers within a minute", soon(60), atLeast("0.8")),
		AtDelivery: one("It comes when we said", told("on_time_share"), atLeast("0.95").by("0.03")),
		AtInvoice:  one("The invoice is right the first time", told("corrected_share"), atMost("0.01").by("0.01")),
		AtComplain: one("What was put right stays so", score(Reopened), atMost("0.05").by("0.03")),
	}
	for _, kind := range PlaceKinds {
		if _, ok := standards[kind]; !ok {
			standards[kind] = kept
		}
	}
	return Promise{
		Name: Own, Title: "In its own words",
		Means:         fmt.Sprintf("“%s” What that means at each touchpoint is written down by those who serve there, in words of what a customer would notice; until then customers are asked whether we kept to it.", words),
		AtTouchpoints: []string{fmt.Sprintf("We say: “%s” Did we, here?", words), "Where did we not?"},
		AtInterviews: []string{
			fmt.Sprintf("We say: “%s” What would you do in your first week so that a customer notices it?", words), "Tell of a promise that you kept when it was hard to.",
		},
		AtPulses:  []string{fmt.Sprintf("We say: “%s” This week we did.", words), "I have what I need to keep our promise."},
		standards: standards,
	}
}
