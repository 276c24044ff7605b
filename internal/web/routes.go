package web

import (
	"net/http"

	"github.com/throughline/throughline/internal/access"
)

// route is an address, the right that it needs, and what answers.
type route struct {
	pattern string
	right   access.Right
	handle  func(*visit) error
	body    int64 // how much a request may carry; 0: a form's worth
}

// routes is every address of the product but the assets. It is the one table
// that docs/routes.md and the test of every role are made from.
func (s *Server) routes() []route {
	return []route{
		{pattern: "GET /{$}", right: access.OwnAccount, handle: s.home},
		{pattern: "GET /sign-in", right: access.Anyone, handle: s.signIn},
		{pattern: "POST /sign-in", right: access.Anyone, handle: s.signInSent},
		{pattern: "POST /sign-in/passkey/options", right: access.Anyone, handle: s.passkeyAsked},
		{pattern: "POST /sign-in/passkey", right: access.Anyone, handle: s.passkeyAnswered},
		{pattern: "GET /sign-out", right: access.Anyone, handle: s.signOut},
		{pattern: "POST /sign-out", right: access.Anyone, handle: s.signOutSent},
		{pattern: "GET /oidc", right: access.Anyone, handle: s.oidcAway},
		{pattern: "GET /oidc/back", right: access.Anyone, handle: s.oidcBack},
		{pattern: "GET /link/{secret}", right: access.Anyone, handle: s.link},
		{pattern: "POST /link/{secret}", right: access.Anyone, handle: s.linkSent},
		{pattern: "POST /link/{secret}/passkey/options", right: access.Anyone, handle: s.linkPasskeyAsked},
		{pattern: "POST /link/{secret}/passkey", right: access.Anyone, handle: s.linkPasskeySent},
		{pattern: "GET /account", right: access.OwnAccount, handle: s.account},
		{pattern: "POST /account/language", right: access.OwnAccount, handle: s.languageSent},
		{pattern: "POST /account/password", right: access.OwnAccount, handle: s.passwordSent},
		{pattern: "POST /account/passkeys/options", right: access.OwnAccount, handle: s.accountPasskeyAsked},
		{pattern: "POST /account/passkeys", right: access.OwnAccount, handle: s.accountPasskeySent},
		{pattern: "POST /account/passkeys/remove", right: access.OwnAccount, handle: s.passkeyRemoved},
		{pattern: "POST /account/sessions/end", right: access.OwnAccount, handle: s.sessionEnded},
		{pattern: "POST /account/sessions/everywhere", right: access.OwnAccount, handle: s.signedOutEverywhere},
		{pattern: "POST /account/tokens", right: access.OwnAccount, handle: s.tokenSent},
		{pattern: "POST /account/tokens/revoke", right: access.OwnAccount, handle: s.tokenRevoked},
		{pattern: "GET /people", right: access.ReadUsers, handle: s.people},
		{pattern: "POST /people", right: access.ManageUsers, handle: s.invited},
		{pattern: "GET /people/{id}", right: access.ReadUsers, handle: s.person},
		{pattern: "POST /people/{id}", right: access.ManageUsers, handle: s.personSent},
		{pattern: "POST /people/{id}/link", right: access.ManageUsers, handle: s.personLinked},
		{pattern: "POST /people/{id}/sign-out", right: access.ManageUsers, handle: s.personSignedOut},
		{pattern: "GET /audit", right: access.ReadAudit, handle: s.audit},
		{pattern: "GET /room", right: access.ReadStatements, handle: s.room},
		{pattern: "GET /statement", right: access.ReadStatements, handle: s.newestStatement},
		{pattern: "GET /statement/{seal}", right: access.ReadStatements, handle: s.statement},
		{pattern: "GET /statement/{seal}/subscriptions", right: access.ReadStatements, handle: opening(s.statementSubscriptions)},
		{pattern: "GET /statement/{seal}/{file}", right: access.ReadStatements, handle: s.downloadStatement},
		{pattern: "GET /statement/{seal}/base", right: access.ReadStatements, handle: opening(s.base)},
		{pattern: "GET /statement/{seal}/referrals", right: access.ReadStatements, handle: opening(s.referrals)},
		{pattern: "GET /statement/{seal}/equity", right: access.ReadStatements, handle: opening(s.equity)},
		{pattern: "GET /statement/{seal}/contracts", right: access.ReadStatements, handle: opening(s.contracts)},
		{pattern: "GET /statement/{seal}/loyalty", right: access.ReadStatements, handle: opening(s.loyalty)},
		{pattern: "GET /statement/{seal}/behaviour", right: access.ReadStatements, handle: opening(s.behaviour)},
		{pattern: "GET /statement/{seal}/prices", right: access.ReadStatements, handle: opening(s.prices)},
		{pattern: "GET /statement/{seal}/training", right: access.ReadStatements, handle: opening(s.training)},
		{pattern: "GET /statement/{seal}/income", right: access.ReadStatements, handle: opening(s.income)},
		{pattern: "GET /statement/{seal}/people", right: access.ReadStatements, handle: opening(s.workforce)},
		{pattern: "GET /statement/{seal}/profit", right: access.ReadStatements, handle: opening(s.profit)},
		{pattern: "GET /statement/{seal}/figure/{name}", right: access.ReadStatements, handle: s.figure},
		{pattern: "GET /journey", right: access.ReadStatements, handle: s.journey},
		{pattern: "GET /journey/coverage", right: access.ReadStatements, handle: s.coverageMap},
		{pattern: "POST /journey/names", right: access.ChangeJourney, handle: s.nameLed},
		{pattern: "GET /journey/touchpoints/{key}", right: access.ReadStatements, handle: s.touchpoint},
		{pattern: "GET /my-part", right: access.OwnPart, handle: s.mypart},
		{pattern: "GET /roles/{key}/part", right: access.ReadStatements, handle: s.rolePart},
		{pattern: "GET /customers", right: access.ReadRows, handle: s.customers},
		{pattern: "GET /customers/{customer}", right: access.ReadRows, handle: s.customer},
		{pattern: "GET /closes", right: access.ReadStatements, handle: s.closes},
		{pattern: "POST /closes", right: access.Close, handle: s.closeAsked},
		{pattern: "GET /closes/trial/{job}", right: access.ReadStatements, handle: s.trial},
		{pattern: "GET /closes/{seal}", right: access.ReadStatements, handle: s.seal},
		{pattern: "POST /closes/{seal}/review", right: access.Review, handle: s.reviewed},
		{pattern: "GET /statement/{seal}/behind/{line}", right: access.ReadRows, handle: s.behind},
		{pattern: "GET /statement/{seal}/behind/{line}/csv", right: access.ReadRows, handle: s.behindCSV},
		{pattern: "GET /books", right: access.ReadBooks, handle: s.books},
		{pattern: "POST /books/import", right: access.ChangeBooks, handle: s.importNow},
		{pattern: "GET /books/{book}", right: access.ReadBooks, handle: s.book},
		{pattern: "GET /books/{book}/rows", right: access.ReadRows, handle: s.bookRows},
		{pattern: "GET /books/{book}/refused.csv", right: access.ReadCustomers, handle: s.refusedCSV},
		{pattern: "POST /books/{book}/overlaps", right: access.ChangeBooks, handle: s.overlaps},
		{pattern: "POST /books/{book}/forget", right: access.ChangeBooks, handle: s.forget},
		{pattern: "GET /start", right: access.ChangeBooks, handle: s.start},
		{pattern: "POST /start", right: access.ChangeBooks, handle: s.startSent},
		{pattern: "GET /start/sample", right: access.ChangeBooks, handle: s.sampleWait},
		{pattern: "POST /sample", right: access.ChangeBooks, handle: s.sampleSent},
		{pattern: "POST /sample/remove", right: access.ChangeBooks, handle: s.sampleRemoved},
		{pattern: "GET /start/files", right: access.ChangeBooks, handle: s.startFiles},
		{pattern: "POST /start/files", right: access.ChangeBooks, handle: s.filesSent, body: filesSize},
		{pattern: "POST /start/files/remove", right: access.ChangeBooks, handle: s.fileRemoved},
		{pattern: "POST /start/files/book", right: access.ChangeBooks, handle: s.fileAssigned},
		{pattern: "POST /uploads", right: access.ChangeBooks, handle: s.uploadBegun},
		{pattern: "HEAD /uploads/{upload}", right: access.ChangeBooks, handle: s.uploadAsked},
		{pattern: "PATCH /uploads/{upload}", right: access.ChangeBooks, handle: s.uploadMoved, body: pieceSize},
		{pattern: "POST /uploads/{upload}/discard", right: access.ChangeBooks, handle: s.uploadDiscarded},
		{pattern: "GET /start/books", right: access.ChangeBooks, handle: s.startBooks},
		{pattern: "POST /start/books", right: access.ChangeBooks, handle: s.published},
		{pattern: "POST /start/books/abandon", right: access.ChangeBooks, handle: s.abandoned},
		{pattern: "GET /start/books/{book}", right: access.ChangeBooks, handle: s.startBook},
		{pattern: "POST /start/books/{book}", right: access.ChangeBooks, handle: s.mappingSent},
		{pattern: "POST /start/books/{book}/suggestions", right: access.ChangeBooks, handle: s.suggestionsSent},
		{pattern: "POST /start/books/{book}/words", right: access.ChangeBooks, handle: s.wordsSent},
		{pattern: "POST /start/books/{book}/threshold", right: access.ChangeBooks, handle: s.thresholdSent},
		{pattern: "POST /start/books/{book}/remove", right: access.ChangeBooks, handle: s.unmapped},
		{pattern: "GET /start/books/{book}/refused.csv", right: access.ReadCustomers, handle: s.triedRefused},
		{pattern: "GET /start/close", right: access.ChangeBooks, handle: s.startClose},
		{pattern: "POST /start/close", right: access.Close, handle: s.closeSent},
		{pattern: "GET /runs", right: access.ReadBooks, handle: s.runs},
		{pattern: "GET /runs/{job}", right: access.ReadBooks, handle: s.run},
		{pattern: "GET /customers/{customer}/erase", right: access.Erase, handle: s.eraseCustomer},
		{pattern: "GET /customers/{customer}/export", right: access.Export, handle: s.exportCustomer},
		{pattern: "GET /keeping", right: access.ReadAudit, handle: s.keeping},
		{pattern: "POST /keeping/erase", right: access.Erase, handle: s.eraseAsked},
		{pattern: "POST /keeping/export", right: access.Export, handle: s.exported},
		{pattern: "POST /keeping/backup", right: access.Backup, handle: s.backupAsked},
		{pattern: "GET /keeping/backups/{file}", right: access.Backup, handle: s.backupSent},
		{pattern: "GET /settings", right: access.ReadBooks, handle: s.settings},
		{pattern: "POST /settings", right: access.ChangeSettings, handle: s.settingsSent},
		{pattern: "GET /settings/retention", right: access.ReadBooks, handle: s.retention},
		{pattern: "POST /settings/retention", right: access.ChangeSettings, handle: s.retentionSent},
		{pattern: "GET /settings/schedules", right: access.ReadBooks, handle: s.schedules},
		{pattern: "POST /settings/schedules", right: access.ChangeSettings, handle: s.scheduleSent},
		{pattern: "GET /settings/schedules/new", right: access.ChangeSettings, handle: s.newSchedule},
		{pattern: "GET /settings/schedules/{schedule}", right: access.ChangeSettings, handle: s.schedule},
		{pattern: "POST /settings/schedules/{schedule}", right: access.ChangeSettings, handle: s.scheduleSent},
		{pattern: "POST /settings/schedules/{schedule}/remove", right: access.ChangeSettings, handle: s.removeSchedule},

		// What the company promises, and where it meets customers: editing.
		{pattern: "GET /journey/edit", right: access.ChangeJourney, handle: s.journeyEdit},
		{pattern: "GET /journey/history", right: access.ReadStatements, handle: s.journeyHistory},
		{pattern: "POST /journey/history/undo", right: access.ChangeJourney, handle: s.journeyUndone},
		{pattern: "GET /journey/download.json", right: access.ReadStatements, handle: s.downloadJourney},
		{pattern: "GET /journey/touchpoints.csv", right: access.ReadStatements, handle: s.downloadTouchpoints},
		{pattern: "GET /journey/roles.csv", right: access.ReadStatements, handle: s.downloadRoles},
		{pattern: "POST /journey/import", right: access.ChangeJourney, handle: s.journeyImport, body: mapFormSize},
		{pattern: "POST /journey/import/take", right: access.ChangeJourney, handle: s.journeyTaken, body: mapFormSize},
		{pattern: "GET /journey/journeys/new", right: access.ChangeJourney, handle: s.journeyNew},
		{pattern: "POST /journey/journeys/new", right: access.ChangeJourney, handle: s.journeyMade},
		{pattern: "GET /journey/journeys/{key}", right: access.ReadStatements, handle: s.journeyOne},
		{pattern: "POST /journey/journeys/{key}", right: access.ChangeJourney, handle: s.journeySent("")},
		{pattern: "POST /journey/journeys/{key}/retire", right: access.ChangeJourney, handle: s.journeySent("retire")},
		{pattern: "GET /journey/departments/new", right: access.ChangeJourney, handle: s.departmentNew},
		{pattern: "POST /journey/departments/new", right: access.ChangeJourney, handle: s.departmentMade},
		{pattern: "GET /journey/departments/{key}", right: access.ReadStatements, handle: s.department},
		{pattern: "POST /journey/departments/{key}", right: access.ChangeJourney, handle: s.departmentSent("")},
		{pattern: "POST /journey/departments/{key}/rename", right: access.ChangeJourney, handle: s.departmentSent("rename")},
		{pattern: "POST /journey/departments/{key}/merge", right: access.ChangeJourney, handle: s.departmentSent("merge")},
		{pattern: "POST /journey/departments/{key}/split", right: access.ChangeJourney, handle: s.departmentSent("split")},
		{pattern: "POST /journey/departments/{key}/retire", right: access.ChangeJourney, handle: s.departmentSent("retire")},
		{pattern: "GET /promise", right: access.ReadStatements, handle: s.promise},
		{pattern: "GET /promise/new", right: access.ChangeJourney, handle: s.brandNew},
		{pattern: "POST /promise/new", right: access.ChangeJourney, handle: s.brandMade},
		{pattern: "GET /promise/{brand}", right: access.ReadStatements, handle: s.brand},
		{pattern: "POST /promise/{brand}", right: access.ChangeJourney, handle: s.brandSent("")},
		{pattern: "POST /promise/{brand}/take", right: access.ChangeJourney, handle: s.brandSent("take")},
		{pattern: "POST /promise/{brand}/retire", right: access.ChangeJourney, handle: s.brandSent("retire")},
		{pattern: "GET /promise/{brand}/standards/new", right: access.ChangeJourney, handle: s.standardNew},
		{pattern: "POST /promise/{brand}/standards/new", right: access.ChangeJourney, handle: s.standardMade},
		{pattern: "GET /promise/{brand}/standards/{key}", right: access.ReadStatements, handle: s.standard},
		{pattern: "POST /promise/{brand}/standards/{key}", right: access.ChangeJourney, handle: s.standardSent("")},
		{pattern: "POST /promise/{brand}/standards/{key}/end", right: access.ChangeJourney, handle: s.standardSent("end")},
		{pattern: "GET /roles", right: access.ReadStatements, handle: s.roles},
		{pattern: "GET /roles/new", right: access.ChangeJourney, handle: s.roleNew},
		{pattern: "POST /roles/new", right: access.ChangeJourney, handle: s.roleMade},
		{pattern: "GET /roles/{key}", right: access.ReadStatements, handle: s.role},
		{pattern: "POST /roles/{key}", right: access.ChangeJourney, handle: s.roleSent("")},
		{pattern: "POST /roles/{key}/retire", right: access.ChangeJourney, handle: s.roleSent("retire")},
		{pattern: "GET /journey/touchpoints/new", right: access.ChangeJourney, handle: s.touchpointNew},
		{pattern: "POST /journey/touchpoints/new", right: access.ChangeJourney, handle: s.touchpointMade},
		{pattern: "GET /journey/touchpoints/{key}/edit", right: access.ChangeJourney, handle: s.touchpointEdit},
		{pattern: "POST /journey/touchpoints/{key}/edit", right: access.ChangeJourney, handle: s.touchpointSent("")},
		{pattern: "POST /journey/touchpoints/{key}/move", right: access.ChangeJourney, handle: s.touchpointMoved},
		{pattern: "POST /journey/touchpoints/{key}/rename", right: access.ChangeJourney, handle: s.touchpointSent("rename")},
		{pattern: "POST /journey/touchpoints/{key}/hand", right: access.ChangeJourney, handle: s.touchpointSent("hand")},
		{pattern: "POST /journey/touchpoints/{key}/merge", right: access.ChangeJourney, handle: s.touchpointSent("merge")},
		{pattern: "POST /journey/touchpoints/{key}/split", right: access.ChangeJourney, handle: s.touchpointSent("split")},
		{pattern: "POST /journey/touchpoints/{key}/retire", right: access.ChangeJourney, handle: s.touchpointSent("retire")},
	}
}

// Route is a line of the table, for tests and documentation.
type Route struct {
	Method, Path string
	Right        access.Right
}

// Routes lists every address with the right that it needs.
func Routes() []Route {
	var out []Route
	for _, r := range (&Server{}).routes() {
		method, path := split(r.pattern)
		out = append(out, Route{method, path, r.right})
	}
	return out
}

func (s *Server) nowhere(v *visit) error {
	return v.refuse(http.StatusNotFound, v.t("There is no such page"), v.t("The address may be mistyped, or the page is of a later release."))
}

func (s *Server) foreign(v *visit) error {
	return v.refuse(http.StatusForbidden, v.t("This form was sent from another site"), v.t("Open the page here and send it again."))
}
