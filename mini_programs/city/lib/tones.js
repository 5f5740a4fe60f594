// How loud a state is shown.
const tones = {
	paid: "good",
	valid: "good",
	upheld: "good",
	reduced: "good",
	contested: "warn",
	open: "warn",
	standard: "",
	overdue_not_yet_increased: "bad",
	increased_minus20: "bad",
	increased: "bad",
	late: "bad",
	returning: "warn",
	returned: "warn",
}

const tone = (state) => tones[state] ?? ""

module.exports = { tone }
