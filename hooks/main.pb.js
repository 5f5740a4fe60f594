// The operator's policies. This is the one entry file, because hook files load in no fixed order; each policy
// is a small module of its own. Put a folder `hooks` beside the data folder to use yours instead of these.
// Policies decide; they never write money, points or stock: those have verbs in Go.

onRecordCreateRequest((e) => {
	require(`${__hooks}/policies/names.js`).check(e.record)
	e.next()
}, "users")

onRecordUpdateRequest((e) => {
	require(`${__hooks}/policies/names.js`).check(e.record)
	e.next()
}, "users")
