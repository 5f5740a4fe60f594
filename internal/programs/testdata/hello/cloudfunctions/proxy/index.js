// Calls the bridge method that the event names.
const cloud = require("wx-server-sdk")

exports.main = async (event) => cloud.plaza.call(event.method, event.args)
