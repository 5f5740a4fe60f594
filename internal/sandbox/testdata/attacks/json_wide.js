// want: function_memory function_timeout
exports.main = () => JSON.parse('[' + '1,'.repeat(1e8) + '1]').length
