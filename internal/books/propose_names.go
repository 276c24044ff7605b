package books

import (
	"slices"
	"strings"
)

// synonyms are the names that sources give to a book's columns, most telling
// first, written as plain puts them.
var synonyms = map[string]map[string]string{
	"customers": {
		"customer_id": customerNames + " id", "name": "name customername fullname companyname kundenname nom nombre",
		"email": "email emailaddress mail", "segment": "segment customersegment customertype customergroup tier",
		"account_id": "accountid account", "household_id": "householdid household", "entity": "entity brand legalentity",
		"acquired_on":  "acquiredon firstpurchase firstpurchasedate firstorderdate firstorder acquisitiondate firstboughton",
		"acquired_via": "acquiredvia acquisitionchannel acquisitionsource via", "acquired_how": "acquiredhow how",
		"referred_by": "referredby referrerid referrer", "excluded": "excluded",
	},
	"customer_links": {
		"old_id": "oldid oldcustomerid mergedid duplicateid", "new_id": "newid newcustomerid mergedinto mastercustomerid survivingid",
		"since": "since mergedat mergedon",
	},
	"orders": {
		"customer_id": customerNames,
		"ordered_at": "orderedat orderdate orderdatetime ordertimestamp orderpurchasetimestamp purchasedate purchasedat purchasetimestamp invoicedate " +
			"transactiondate transactiontimestamp transactiontime transactiondatetime saledate salesdate solddate bookingdate postingdate " +
			"bestelldatum rechnungsdatum belegdatum auftragsdatum kaufdatum verkaufsdatum datecommande datefacture fechapedido datapedido paidat " +
			"paymentdate date datum fecha data datetime timestamp time processedat createdat created day yearquarter quarter yearmonth month",
		"amount": "amountnet netamount netsales netrevenue nettobetrag netto lineamount linetotal linenet net extendedprice extendedamount netvalue " +
			"amount salesamount salesvalue sales ordervalue revenue umsatz betrag montant importe valor turnover spend spent dollarvalue dollars value " +
			"paymentvalue subtotal total totalamount totalprice totalsales ordertotal orderamount summe gross grossamount",
		"line_id": "lineid orderlineid invoicelineid transactionlineid lineno linenumber orderitemid rowid positionid position transactionid saleid id " +
			orderNames,
		"order_id": orderNames,
		"product":  "productid product productcode sku stockcode itemid itemcode item articleid article artikelnummer artikelnr artikel productname upc ean",
		"quantity": "quantity qty units menge anzahl stueck stuck quantite cantidad quantidade numberofitems itemcount numberofcds pieces",
		"unit_price": "unitprice price priceperunit itemprice sellingprice einzelpreis stueckpreis stuckpreis preis prixunitaire prix precio " +
			"preciounitario preco",
		"list_price": "listprice rrp msrp regularprice catalogprice listenpreis", "cost": "cost costamount cogs linecost einstand",
		"currency":   "currency currencycode waehrung wahrung devise moneda moeda",
		"touchpoint": "touchpoint channel saleschannel source ordersource storeid store shop branch filiale kanal outlet",
		"entity":     "entity brand legalentity businessunit", "returns_line_id": "returnslineid originallineid refundedlineid",
	},
	"subscriptions": {
		"subscription_id": "subscriptionid subid contractid contractnumber contract vertragsnummer abonummer", "customer_id": customerNames,
		"started_on":     "startedon startdate startedat validfrom start begin beginn",
		"monthly_amount": "monthlyamount mrr monthlyfee monthlyprice monthlyrevenue monthlycharge monthlycharges",
		"ended_on":       "endedon enddate endedat canceledat cancelledat cancelledon churndate end", "plan": "plan planname product",
		"currency": "currency currencycode", "end_reason": "endreason cancelreason cancellationreason churnreason",
	},
	"interactions": {
		"interaction_id": "interactionid callid ticketid caseid incidentid conversationid contactid number",
		"started_at":     "startedat starttime callstart openedat createdat created datetime timestamp date",
		"touchpoint":     "touchpoint queue service category topic servicegroup channel", "customer_id": customerNames,
		"person_id": "personid agentid agent employeeid", "channel": "channel contacttype", "wait_seconds": "waitseconds waittime queuetime",
		"handle_seconds": "handleseconds handletime talktime callduration duration", "abandoned": "abandoned", "transfers": "transfers",
		"resolved": "resolved", "reopened": "reopened", "contained": "contained", "reason": "reason contactreason callreason",
	},
	"answers": {
		"answer_id": "answerid responseid surveyid reviewid feedbackid ratingid",
		"answered_at": "answeredat responsedate respondedat submittedat reviewanswertimestamp reviewdate reviewcreationdate completedat timestamp date " +
			"createdat",
		"question": "question questionkey metric surveytype", "score": "score npsscore nps csat ces reviewscore ratingscore rating overallrating stars",
		"choice": "choice selectedoption", "scale": "scale", "customer_id": customerNames, "touchpoint": "touchpoint channel",
		"person_id": "personid agentid employeeid", "comment": "comment comments reviewcommentmessage reviewtext verbatim feedback text",
		"language": "language lang locale", "asked_at": "askedat sentat surveysent reviewcreationdate",
	},
	"remarks": {
		"remark_id": "remarkid complaintid tweetid commentid messageid reviewid", "received_at": "receivedat datereceived tweetcreated postedat createdat timestamp date",
		"text":    "text consumercomplaintnarrative narrative message content body complaint comment review",
		"channel": "channel", "customer_id": customerNames, "touchpoint": "touchpoint", "language": "language lang locale",
	},
	"people": {
		"person_id": "personid employeeid employeenumber empid staffid personalnummer", "valid_from": "validfrom effectivedate effectivefrom",
		"department": "department dept abteilung", "role": "role jobrole jobtitle title position", "hired_on": "hiredon hiredate",
		"left_on": "lefton terminationdate exitdate leavedate", "exit_kind": "exitkind terminationtype", "team": "team",
		"manager_id": "managerid manager", "location": "location office site", "annual_cost": "annualcost salary annualsalary",
		"employer": "employer", "kind": "kind", "entity": "entity legalentity subsidiary brand companycode",
		"opened_on": "openedon vacancyopened vacancydate requisitiondate requisitionopened reqopened", "offered_on": "offeredon offerdate",
		"offer": "offer offerstatus offeroutcome", "offered_cost": "offeredcost offeredsalary salaryoffered", "offered_training": "offeredtraining offeredtraininghours traininghoursoffered",
	},
	"trainings": {
		"record_id": "recordid trainingid", "person_id": "personid employeeid empid staffid", "course": "course coursename training module",
		"completed_at": "completedat completedon completiondate", "hours": "hours", "direct_cost": "directcost cost", "score": "score",
		"passed": "passed", "kind": "kind", "stage": "stage",
	},
	"pulses": {
		"pulse_id": "pulseid", "answered_on": "answeredon answeredat date", "question": "question", "score": "score",
		"department": "department dept", "team": "team", "tenure_band": "tenureband tenure", "comment": "comment",
	},
	"measures": {
		"period": "period month quarter yearmonth", "measure": "measure metric kpi", "value": "value", "touchpoint": "touchpoint",
		"department": "department dept", "team": "team", "n": "n count",
	},
	"costs": {
		"period": "period month quarter yearmonth", "department": "department dept costcenter costcentre kostenstelle",
		"kind": "kind costkind costtype type", "amount": "amount cost costs spend betrag", "touchpoint": "touchpoint", "currency": "currency currencycode",
	},
	"budgets": {
		"period": "period month quarter yearmonth", "department": "department dept costcenter costcentre", "line": "line budgetline item",
		"amount": "amount budget betrag", "priority": "priority", "version": "version",
	},
	"controls": {
		"period": "period month quarter yearmonth", "account": "account glaccount konto", "amount": "amount balance betrag", "entity": "entity",
	},
	"rates": {
		"date": "date day ratedate datum", "from": "from fromcurrency basecurrency base", "to": "to tocurrency quotecurrency target",
		"rate": "rate exchangerate fxrate kurs",
	},
}

const (
	customerNames = "customeruniqueid customerid customer custid cust clientid client customerno customernumber customernr custno customerkey " +
		"customercode kundennummer kundenid kundennr kdnr kunde clienteid cliente idclient idcliente codeclient buyerid buyer memberid member " +
		"donorid guestid patronid shopperid loyaltyid userid user householdid accountid"
	orderNames = "orderid ordernumber orderno ordernr order invoiceno invoiceid invoicenumber invoice receiptid receiptno receipt basketid " +
		"transactionid transactionno ticketno bestellnummer rechnungsnummer auftragsnummer belegnummer commande pedido orderref"
)

// fileHints are words in a file's name that speak for a book.
var fileHints = map[string]string{
	"customers": "customer client kunden demographic member", "customer_links": "link merge", "orders": "order transaction sale purchase invoice umsatz retail ledger bestell",
	"subscriptions": "subscription contract abo", "interactions": "interaction call ticket incident case", "answers": "answer survey nps csat review response",
	"remarks": "remark review complaint tweet comment", "people": "people employee staff hr", "trainings": "training course", "pulses": "pulse",
	"measures": "measure kpi metric", "costs": "cost", "budgets": "budget plan", "controls": "control ledger gl", "rates": "rate fx exchange",
}

// plain writes a name without case, accents and signs.
func plain(name string) string {
	name = strings.NewReplacer("ä", "a", "ö", "o", "ü", "u", "ß", "ss", "é", "e", "è", "e", "ç", "c", "ó", "o", "á", "a", "ã", "a", "í", "i", "ñ", "n").
		Replace(strings.ToLower(name))
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, name)
}

// rank is how telling a source's name is for a book's column: 0 is the best,
// −1 says nothing.
func rank(book, column, name string) int {
	p := plain(name)
	if p == plain(column) {
		return 0
	}
	i := slices.Index(strings.Fields(synonyms[book][column]), p)
	if i < 0 {
		return -1
	}
	return i + 1
}
