const { pick } = require("../../lib/words")

// Every page says what this is.
Component({ data: { t: pick("demo", "demoNote") } })
