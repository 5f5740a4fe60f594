// want: function_timeout function_memory
exports.main = () => new Promise(() => { const again = () => { process.nextTick(again); process.nextTick(again) }; again() })
