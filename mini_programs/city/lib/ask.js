// The one function behind all pages. What it refuses comes as an error with its code, like what the house refuses.
const { locale } = require("./words")

async function ask(act, data) {
	const { result } = await wx.cloud.callFunction({
		name: "city",
		data: { ...data, do: act, language: locale },
	})
	if (result?.error) throw Object.assign(new Error(result.error), { ...result, code: result.error })
	return result
}

/** Pays in the house's own sheet: true when it is paid. What became of it, the function says afterwards. */
async function pay(pack) {
	try {
		await wx.requestPayment({ package: pack })
		return true
	} catch ({ errMsg = "" }) {
		if (errMsg.startsWith("requestPayment:fail cancel")) return false
		throw Object.assign(new Error(errMsg), {
			code: errMsg.match(/requestPayment:fail (?:.*?)([a-z]+_[a-z_]+)/)?.[1],
		})
	}
}

module.exports = { ask, pay }
