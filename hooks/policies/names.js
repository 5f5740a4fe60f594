// Who may be called what: a person must not pass for the house. Edit the list to taste.
const reserved = ["plaza", "operator", "admin", "administrator", "support", "staff", "security"]

module.exports = {
	// check refuses a record whose name is one of the reserved words, whatever its case and spaces.
	check(record) {
		const name = record.getString("name").trim().toLowerCase().replace(/\s+/g, " ")
		if (!reserved.includes(name)) return
		throw new BadRequestError("This name is reserved for the house.", {
			name: new ValidationError("name_reserved", "This name is reserved for the house."),
		})
	},
}
