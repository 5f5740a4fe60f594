const cloud = require("wx-server-sdk")
cloud.init()

exports.main = async (event) => {
	console.log("echo", event)
	return { event, context: cloud.getWXContext() }
}
