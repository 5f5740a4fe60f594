// want: function_timeout
exports.main = async () => { const until = Date.now() + 60000; while (Date.now() < until) await new Promise((done) => setTimeout(done, 1000)) }
