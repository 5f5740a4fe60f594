// want: too_many_host_calls
exports.main = async () => { for (;;) await fetch('https://x.example/').catch(() => {}) }
